import type { TransferAnswer, TransferRequest } from '../ports.js';

/** A transfer over fetch, where there is no XMLHttpRequest: progress is told once, at the end. */
export async function fetchTransfer(fetch: typeof globalThis.fetch, request: TransferRequest): Promise<TransferAnswer> {
  const { method, url, headers, body, signal } = request;
  const response = await fetch(url, { method, headers, body, signal });
  const text = await response.text();
  if (response.ok) request.onProgress(body.size);
  return { status: response.status, header: (name) => response.headers.get(name), text };
}
