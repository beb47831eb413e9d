/** What brings messages to the desk, with one life: started, then stopped. */
export interface EventFeed extends AsyncDisposable {
  /** Throws what makes it unusable until somebody corrects something. */
  start(): Promise<void>;
  /** Why messages do not come at present; null: they do. */
  readonly failure: string | null;
}
