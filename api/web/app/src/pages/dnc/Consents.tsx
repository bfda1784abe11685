import { Button, Group, Switch, Table, TextInput, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileUpload, IconPlus, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Consent } from '../../api/law';
import { useConsents, useWithdraw } from '../../api/lawQueries';
import { clock } from '../../lib/clock';
import { phoneText, useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { ReasonDialog } from '../../ui/ReasonDialog';
import { Scroll, StatePill } from '../../ui/ui';
import { consentState, isNumberLike, plainPhone } from './consent';
import { ConsentForm } from './ConsentForm';
import { ConsentsFile } from './ConsentsFile';
import { RowsPanel } from './RowsPanel';

function Withdraw({ consent, onClose }: { consent: Consent | null; onClose: () => void }) {
  const { t } = useTranslation();
  const withdraw = useWithdraw();
  return (
    <ReasonDialog opened={consent !== null} onClose={onClose} title={t('consent.withdrawTitle')} lines={[consent && [consent.phone && phoneText(consent.phone), consent.person, consent.purpose].filter(Boolean).join(' · '), t('consent.withdrawHint')]}
      label={t('consent.how')} longest={500} action={t('consent.withdraw')} done={t('consent.withdrawnDone')} onReason={(how) => withdraw.mutateAsync({ id: consent!.id, how })} />
  );
}

const tones = { valid: 'good', ended: 'plain', withdrawn: 'bad', later: 'info' } as const;

function Rows({ rows, withdraw }: { rows: Consent[]; withdraw: (c: Consent) => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  return (
    <Scroll>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('consent.phone')}</Table.Th><Table.Th>{t('consent.person')}</Table.Th><Table.Th>{t('consent.purpose')}</Table.Th><Table.Th>{t('consent.state')}</Table.Th>
            <Table.Th>{t('consent.given')}</Table.Th><Table.Th>{t('consent.until')}</Table.Th><Table.Th>{t('consent.evidence')}</Table.Th><Table.Th><VisuallyHidden>{t('board.actions')}</VisuallyHidden></Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((c) => {
            const state = consentState(c, clock.now());
            const evidence = [c.evidence, c.source, c.evidence_sha256 && `SHA-256 ${c.evidence_sha256}`, c.withdrawn_how].filter(Boolean).join(' · ');
            return (
              <Table.Tr key={c.id} data-testid="consent-row" data-phone={c.phone} data-consent-state={state}>
                <Table.Td className="num" style={{ whiteSpace: 'nowrap' }}>{c.phone && phoneText(c.phone)}</Table.Td>
                <Table.Td maw={140}><div className="truncate" title={c.person}>{c.person}</div></Table.Td>
                <Table.Td maw={140}><div className="truncate" title={c.purpose}>{c.purpose}</div></Table.Td>
                <Table.Td><StatePill state={tones[state]}>{t(`consent.${state}`)}</StatePill></Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{f.dateTime(c.given_at)}</Table.Td>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>{c.until ? f.dateTime(c.until) : t('consent.forever')}</Table.Td>
                <Table.Td maw={300}><div className="truncate" title={evidence}>{evidence}</div></Table.Td>
                <Table.Td ta="right">{!c.withdrawn_at && <Button size="compact-xs" variant="default" onClick={() => withdraw(c)} aria-label={`${t('consent.withdraw')}: ${c.phone || c.person} ${c.purpose}`} data-testid="consent-withdraw">{t('consent.withdraw')}</Button>}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

/** The ledger of consents: who, what for, since when, with which evidence, and whether it still counts. */
export function Consents() {
  const { t } = useTranslation();
  const manage = may(useUser(), 'manage');
  const [who, setWho] = useState('');
  const [purpose, setPurpose] = useState('');
  const [valid, setValid] = useState(false);
  const [filter] = useDebouncedValue({ who: who.trim(), purpose: purpose.trim() }, 250);
  const number = isNumberLike(filter.who);
  const query = useConsents({ phone: number ? plainPhone(filter.who) : '', person: number ? '' : filter.who, purpose: filter.purpose, valid: valid ? 'true' : '' });
  const [open, setOpen] = useState<'' | 'add' | 'file'>('');
  const [withdrawing, setWithdrawing] = useState<Consent | null>(null);
  const filtered = !!(filter.who || filter.purpose || valid);
  return (
    <>
      {manage && (
        <Group gap={8} mb={12}>
          <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen('add')} data-testid="add-consent">{t('consent.add')}</Button>
          <Button variant="default" leftSection={<IconFileUpload size={16} />} onClick={() => setOpen('file')} data-testid="consent-file">{t('consentFile.button')}</Button>
        </Group>
      )}
      <RowsPanel query={query} filtered={filtered} none={t('consent.none')} empty={t('consent.empty')} emptyHint={t('consent.emptyHint')} testid="consent-ledger" filters={(
        <>
          <TextInput size="xs" placeholder={`${t('consent.phone')} / ${t('consent.person')}`} aria-label={`${t('consent.phone')} / ${t('consent.person')}`} leftSection={<IconSearch size={14} />} value={who} onChange={(e) => setWho(e.currentTarget.value)} data-testid="consent-search" />
          <TextInput size="xs" placeholder={t('consent.purpose')} aria-label={t('consent.purpose')} value={purpose} onChange={(e) => setPurpose(e.currentTarget.value)} />
          <Switch size="sm" label={t('consent.validOnly')} checked={valid} onChange={(e) => setValid(e.currentTarget.checked)} data-testid="consent-valid" />
        </>
      )}>
        {(rows) => <Rows rows={rows} withdraw={setWithdrawing} />}
      </RowsPanel>
      <ConsentForm opened={open === 'add'} onClose={() => setOpen('')} />
      <ConsentsFile opened={open === 'file'} onClose={() => setOpen('')} />
      <Withdraw consent={withdrawing} onClose={() => setWithdrawing(null)} />
    </>
  );
}
