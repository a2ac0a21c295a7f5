/** What the server takes in dialect A (docs/files.md), so that a person hears of a refusal before the upload. */

/** Code points of one text. */
export const MAX_TEXT = 10_000;
/** The counter appears when so many are left. */
export const COUNTER_FROM = 500;
export const MAX_FILES = 5;
/** Of a message that holds nothing but images. */
export const MAX_IMAGES = 10;
export const MB = 2 ** 20;
/** Bytes of all files of a message. */
export const MAX_TOGETHER = 100 * MB;
