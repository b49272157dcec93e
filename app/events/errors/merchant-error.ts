/** `id` is the same for ever; title and cause have no full stop, the next step is a sentence. */
export interface MerchantError {
  id: string;
  title: string;
  cause: string;
  nextStep: string;
}
