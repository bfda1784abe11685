import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { clock, onTick } from '../../lib/clock';
import { StatePill } from '../../ui/ui';
import type { Verdict } from './thresholds';

/** A verdict as colour and text together. */
export function VerdictPill({ verdict, testid }: { verdict: Verdict | null; testid?: string }) {
  const { t } = useTranslation();
  if (!verdict) return null;
  return <StatePill state={verdict.level} testid={testid}>{t(`room.level.${verdict.code}`)}</StatePill>;
}

const text = (v: Verdict | null) => (v ? `${v.level} ${v.code}` : '');

/** A verdict that time alone can change: looked at each second, drawn again only when it is another. */
export function JudgedPill({ judge, testid }: { judge: (now: number) => Verdict | null; testid?: string }) {
  const [said, say] = useState(() => text(judge(clock.now())));
  useEffect(() => {
    const look = () => say(text(judge(clock.now())));
    look();
    return onTick(look);
  }, [judge]);
  const [level, code] = said.split(' ');
  return said ? <VerdictPill verdict={{ level, code } as Verdict} testid={testid} /> : null;
}
