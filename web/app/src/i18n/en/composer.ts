export const composer = {
  form: 'Write a message',
  field: (name: string) => `Message to ${name}`,
  placeholder: 'Write a message',
  send: 'Send',
  enter: {
    sends: 'Enter sends',
    hint: 'Shift + Enter makes a new line. Without it, Enter does, and Ctrl or ⌘ + Enter sends. On this device alone.',
  },
  attach: 'Attach files',
  emoji: 'Emoji',
  record: 'Record a voice message',
  charactersLeft: (count: number) => (count === 1 ? '1 character left' : `${count} characters left`),
  tooLong: (over: number) =>
    over === 1 ? '1 character too many: shorten it to send' : `${over} characters too many: shorten it to send`,
  overLimit: 'The message is too long to send.',
  notKept: 'The message could not be kept on this device, so it was not sent. Free some space, then send it again.',
  heldBack: 'A message was not sent: one of its files was not taken. Go back to the conversation to see why.',
  preparing: 'Getting the files ready',
  drop: { title: 'Drop to attach', hint: 'Up to 5 files, or 10 pictures; 100 MB together' },
  files: {
    list: 'Files to send',
    remove: (name: string) => `Remove ${name}`,
    earlier: (name: string) => `Move ${name} forward`,
    later: (name: string) => `Move ${name} back`,
    moved: (name: string, place: number, count: number) => `${name} is now ${place} of ${count}`,
    removed: (name: string) => `${name} removed`,
    added: (count: number) => (count === 1 ? '1 file attached' : `${count} files attached`),
  },
  refused: {
    title: 'Not attached',
    ending: (name: string) =>
      `${name}: this type of file is not taken. Pictures, videos, sound, PDF, Office, text and archives are; put it into a ZIP to send it.`,
    heic: (name: string) => `${name}: HEIC pictures are not taken. Save it as JPEG, then attach it again.`,
    empty: (name: string) => `${name} is empty. Check that it was saved completely.`,
    size: (name: string, megabytes: number) =>
      `${name} is larger than ${megabytes} MB. Make it smaller, or share a link to it.`,
    together: (name: string, megabytes: number) =>
      `${name}: the files of one message may have ${megabytes} MB together. Send it in a message of its own.`,
    count: (name: string, most: number) =>
      `${name}: a message takes ${most} files, or 10 if all are pictures. Send it in the next one.`,
    images: (name: string, most: number) => `${name}: a message takes ${most} pictures. Send it in the next one.`,
    folder: 'Folders cannot be sent. Open it and choose its files, or put it into a ZIP.',
  },
  emojis: {
    title: 'Emoji',
    search: 'Search emoji',
    none: 'No emoji is called that.',
    found: (count: number) => (count === 1 ? '1 emoji found' : `${count} emoji found`),
    groups: {
      faces: 'Faces',
      people: 'People',
      hearts: 'Hearts and joy',
      nature: 'Nature',
      food: 'Food',
      things: 'Things and signs',
    },
  },
  voice: {
    starting: 'Waiting for the microphone',
    recording: 'Recording',
    discard: 'Throw the recording away',
    send: 'Send the recording',
    full: 'This is as long as a voice message can be. Send it, or throw it away.',
    denied:
      'The microphone is not allowed here. Allow it in the settings of your browser for this page, then try again.',
    missing: 'No microphone was found. Connect one, then try again.',
    failed: 'Recording did not work. Close other programs that use the microphone, then try again.',
  },
};
