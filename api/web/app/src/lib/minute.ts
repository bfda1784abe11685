import { useEffect, useState } from 'react';
import { onTick } from './clock';

/** Renders again when the minute changes. */
export function useMinute(): number {
  const [minute, setMinute] = useState(() => Math.floor(Date.now() / 60_000));
  useEffect(() => onTick(() => setMinute(Math.floor(Date.now() / 60_000))), []);
  return minute;
}
