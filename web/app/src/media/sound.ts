/** One sound at a time: who starts to play stops who played. */

interface Playable {
  readonly pause: () => void;
}

let playing: Playable | null = null;

/** Called when a player starts: the one before it pauses. */
export function takeFloor(player: Playable): void {
  if (playing !== player) playing?.pause();
  playing = player;
}

/** Called when it ends, pauses or goes away. */
export function leaveFloor(player: Playable): void {
  if (playing === player) playing = null;
}

/** Quiet, please: a recording starts. */
export function silence(): void {
  playing?.pause();
  playing = null;
}
