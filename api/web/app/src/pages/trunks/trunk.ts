export interface TrunkFields {
  name: string;
  endpoint: string;
  max_channels: number | string; // a field that is empty holds ''
  cps: number | string;
  caller_ids: string[];
}

/** What is different now. A name is compared as it is stored: without space around it. */
export function changedOf(before: TrunkFields, now: TrunkFields): Partial<TrunkFields> {
  const out: Partial<TrunkFields> = {};
  if (now.name.trim() !== before.name) out.name = now.name.trim();
  if (now.endpoint !== before.endpoint) out.endpoint = now.endpoint;
  if (now.max_channels !== before.max_channels) out.max_channels = now.max_channels;
  if (now.cps !== before.cps) out.cps = now.cps;
  if (now.caller_ids.join() !== before.caller_ids.join()) out.caller_ids = now.caller_ids;
  return out;
}
