import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { knownZone } from './zone';

/** "4:05", "1:04:05"; never negative. */
export function clockText(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const mm = Math.floor(s / 60) % 60;
  const ss = String(s % 60).padStart(2, '0');
  const hh = Math.floor(s / 3600);
  return hh > 0 ? `${hh}:${String(mm).padStart(2, '0')}:${ss}` : `${mm}:${ss}`;
}

/** An E.164 number in groups that are easy to read aloud. */
export function phoneText(e164: string): string {
  const cn = /^\+86(1\d{2})(\d{4})(\d{4})$/.exec(e164);
  if (cn) return `+86 ${cn[1]} ${cn[2]} ${cn[3]}`;
  const landline = /^\+86(10|2\d|[3-9]\d{2})(\d{4})(\d{3,4})$/.exec(e164);
  if (landline) return `+86 ${landline[1]} ${landline[2]} ${landline[3]}`;
  const nanp = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164);
  if (nanp) return `+1 ${nanp[1]} ${nanp[2]} ${nanp[3]}`;
  const other = /^(\+\d{2})(\d{2,4})(\d{3})(\d{3,4})$/.exec(e164);
  return other ? other.slice(1).join(' ') : e164;
}

export interface Formats {
  number: (n: number) => string;
  percent: (share: number) => string;
  dateTime: (iso: string | number | null | undefined) => string;
  time: (at: number, zone?: string) => string;
  day: (at: number, zone?: string) => string;
  relative: (iso: string, now: number) => string;
  bytes: (n: number) => string;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000], ['month', 2_592_000], ['day', 86_400], ['hour', 3600], ['minute', 60],
];

export function makeFormats(language: string): Formats {
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1, minimumFractionDigits: 1 });
  const dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const bytes = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const inZone = (at: number, zone: string | undefined, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...options, timeZone: zone && knownZone(zone) ? zone : undefined }).format(at);
  return {
    number: (n) => number.format(n),
    percent: (share) => percent.format(share),
    dateTime: (at) => (at ? dateTime.format(new Date(at)) : ''),
    time: (at, zone) => inZone(at, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    day: (at, zone) => inZone(at, zone, { weekday: 'short', month: 'short', day: 'numeric' }),
    relative: (iso, now) => {
      const seconds = (Date.parse(iso) - now) / 1000;
      const [unit, size] = UNITS.find(([, s]) => Math.abs(seconds) >= s) ?? ['second', 1];
      return relative.format(unit === 'second' ? 0 : Math.round(seconds / size), unit);
    },
    bytes: (n) => {
      if (n < 1024 * 1024) return bytes.format(n / 1024) + ' KB';
      return bytes.format(n / 1024 / 1024) + ' MB';
    },
  };
}

export function useFormats(): Formats {
  const { i18n } = useTranslation();
  return useMemo(() => makeFormats(i18n.language), [i18n.language]);
}
