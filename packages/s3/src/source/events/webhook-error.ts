/** Thrown at start when the webhook's address, port or certificate cannot be used. Exit code 78. */
export class WebhookListenError extends Error {
  override readonly name = "WebhookListenError";
  readonly code = "WEBHOOK_UNAVAILABLE";
  readonly retryable = false;
  readonly exitCode = 78;
}
