export const ui = {
  cancel: 'Cancel',
  close: 'Close',
  retry: 'Try again',
  loading: 'Loading',
  save: 'Save',
  back: 'Back',
  loadFailed: 'This could not be loaded',
  moreFailed: 'More could not be loaded.',
};
