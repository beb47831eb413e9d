export { isPublicAddress, type AddressRule } from "./address-rule.ts";
export { FetchFailedError, FetchRefusedError, type FetchRefusal } from "./fetch-error.ts";
export { GuardedFetch, type GuardedFetchOptions } from "./guarded-fetch.ts";
