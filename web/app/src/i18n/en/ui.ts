export const ui = {
  cancel: 'Cancel',
  close: 'Close',
  retry: 'Try again',
  loading: 'Loading',
  save: 'Save',
  back: 'Back',
};
