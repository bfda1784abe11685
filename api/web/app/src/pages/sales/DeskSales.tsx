import { Button } from '@mantine/core';
import { IconCoins } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { moneyText, stageOf, useSales, type Sale } from '../../api/sales';
import type { Pop } from '../../api/types';
import { StatePill } from '../../ui/ui';
import { SaleDialog } from './SaleDialog';
import { pillOf } from './SalesPage';
import css from './sales.module.css';

/** On the desk: the contact's sales that are the agent's, and a new one of this call. */
export function DeskSales({ pop }: { pop: Pop }) {
  const { t, i18n } = useTranslation();
  const known = useSales({ contact_id: pop.contact.id }).data?.pages.flat() ?? [];
  const [opened, setOpened] = useState<Sale | 'new' | null>(null);
  return (
    <div className={css.mine} data-testid="desk-sales">
      <Button size="compact-xs" variant="default" leftSection={<IconCoins size={14} />} onClick={() => setOpened('new')} data-testid="sale-new">{t('sales.create')}</Button>
      <ul>
        {known.slice(0, 3).map((s) => (
          <li key={s.id}>
            <Button size="compact-xs" variant="subtle" onClick={() => setOpened(s)} title={s.title} data-testid="desk-sale">
              <StatePill state={pillOf[s.kind]}>{stageOf(s, i18n.language)}</StatePill>&nbsp;<span className="num">{moneyText(i18n.language, s.amount, s.currency)}</span>
            </Button>
          </li>
        ))}
      </ul>
      {opened && <SaleDialog sale={opened === 'new' ? null : opened} campaign={pop.campaign.id} attempt={pop.attempt_id} onClose={() => setOpened(null)} />}
    </div>
  );
}
