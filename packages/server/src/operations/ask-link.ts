/** Where a person opens an ask on a screen. */
export const askLink = (publicUrl: string, askId: string): string => `${publicUrl}/asks/${askId}`;
export const asksLink = (publicUrl: string): string => `${publicUrl}/asks`;
