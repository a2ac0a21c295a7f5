import type { TransferAnswer, TransferRequest } from '../ports.js';

/** Over XMLHttpRequest, which alone tells how far an upload is. */
export function xhrTransfer(request: TransferRequest): Promise<TransferAnswer> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const xhr = new XMLHttpRequest();
    const abort = (): void => xhr.abort();
    signal.addEventListener('abort', abort);
    xhr.upload.onprogress = ({ loaded }) => request.onProgress(loaded);
    xhr.onload = () => resolve(answerOf(xhr));
    xhr.onerror = () => reject(new TypeError('The network failed'));
    xhr.onabort = () => reject(signal.reason);
    xhr.onloadend = () => signal.removeEventListener('abort', abort);
    xhr.open(request.method, request.url);
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value);
    xhr.send(request.body);
  });
}

function answerOf(xhr: XMLHttpRequest): TransferAnswer {
  return { status: xhr.status, header: (name) => xhr.getResponseHeader(name), text: xhr.responseText };
}
