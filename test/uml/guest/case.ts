/** Something to be shown inside the guest; it fails by throwing. */
export type Case = { readonly name: string; readonly run: () => Promise<void> };
