/** Whether a username begins with what was typed, about as the server compares: without case, accents in either encoding. Pure. */

export function beginsWith(username: string, typed: string): boolean {
  return keyOf(username).startsWith(keyOf(typed.trim()));
}

/** Up and down again comes near the server's case folding: "STRASSE" meets "straße". A sigma ends no word in a prefix. */
function keyOf(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
}
