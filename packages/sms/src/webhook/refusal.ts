/** A webhook request that is not taken: the status and the detail of its answer. */
export class WebhookRefusal extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = 'WebhookRefusal';
    this.status = status;
  }
}
