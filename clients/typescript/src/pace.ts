/** Keeps below the gateway's rate, beyond which it closes the socket with 4029. */
export class Pace {
  private perSecond = 100;
  private tokens = 100;
  private at: number;

  constructor(private readonly now: () => number) {
    this.at = now();
  }

  /** A fifth is left for other sockets of the user. */
  limit(messagesPerSecond: number): void {
    this.perSecond = Math.max(1, messagesPerSecond * 0.8);
  }

  take(): boolean {
    const now = this.now();
    this.tokens = Math.min(this.perSecond, this.tokens + ((now - this.at) / 1000) * this.perSecond);
    this.at = now;
    if (this.tokens < 1) {
      return false;
    }
    this.tokens -= 1;
    return true;
  }
}
