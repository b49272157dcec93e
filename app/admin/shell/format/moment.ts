/** A moment as a reader sees it, and for machines. Made on the server: browsers format otherwise. */
export interface Moment {
  /** `2:02 PM`, or `Nov 24, 2:02 PM` on another day. */
  text: string;
  /** ISO 8601. */
  iso: string;
  /** In full, with its zone. */
  title: string;
}
