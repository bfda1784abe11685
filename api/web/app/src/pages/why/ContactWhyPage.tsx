import { Anchor, Button, Select, Text } from '@mantine/core';
import { IconChevronRight, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import type { ContactWhy, RuleAnswer } from '../../api/law';
import { useContactWhy, usePacks } from '../../api/lawQueries';
import { useCampaigns, useJourney } from '../../api/queries';
import type { Campaign, Contact } from '../../api/types';
import { inTongue } from '../../lib/bilingual';
import { phoneText, useFormats } from '../../lib/format';
import { may, useUser } from '../../lib/session';
import { Empty, Load, Page, Panel, StatePill } from '../../ui/ui';
import { OverrideForm } from '../dnc/OverrideForm';
import { liftFor } from '../dnc/overrides';
import { Answers } from './Answers';
import { inWords, standing } from './state';
import css from './why.module.css';

function Verdict({ why, campaign, zone }: { why: ContactWhy; campaign: Campaign | undefined; zone: string | undefined }) {
  const { t } = useTranslation();
  const f = useFormats();
  const answers = inWords(why, campaign);
  const first = answers.find((a) => !a.pass);
  const text = first ? inTongue(first.why, first.why_zh) : '';
  const there = (iso: string) => zone && t('why.nextHere', { time: `${f.day(Date.parse(iso), zone)} ${f.time(Date.parse(iso), zone)}` });
  return (
    <div className={css.verdict} data-testid="why-verdict" data-dialable={why.dialable} data-rule={why.rule}>
      <div>
        <StatePill state={why.dialable ? 'good' : 'bad'}>{t(why.dialable ? 'why.yes' : 'why.no')}</StatePill>
        <p>{why.dialable ? t('why.yesHint') : `${text.charAt(0).toUpperCase()}${text.slice(1)}`}</p>
        {!why.dialable && <p className={css.soft}>{why.next ? <>{t('why.next', { time: f.dateTime(why.next) })} {there(why.next) && `(${there(why.next)})`}</> : t('why.never')}</p>}
      </div>
      <dl className={css.facts}>
        <div><dt>{t('ui.status')}</dt><dd className={css.small}>{standing(why, campaign)}</dd></div>
        <div><dt>{t('contact.attempts')}</dt><dd className={`${css.small} num`}>{f.number(why.attempts)}</dd></div>
        <div><dt>{t('why.inTheWay', { n: why.answers.filter((a) => !a.pass).length })}</dt><dd className={css.small}>{t('why.passed', { n: why.answers.filter((a) => a.pass).length })}</dd></div>
      </dl>
    </div>
  );
}

function View({ contact, campaigns, chosen }: { contact: Contact; campaigns: Campaign[]; chosen: string }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [, go] = useLocation();
  const shown = campaigns.find((c) => c.id === chosen) ?? campaigns[0];
  const query = useContactWhy(shown?.id ?? '', contact.id, !!shown);
  const manage = may(useUser(), 'manage');
  const packs = usePacks().data ?? [];
  const [lifting, setLifting] = useState('');
  const liftOf = (a: RuleAnswer) => {
    const rule = manage && shown ? liftFor(a, packs, shown) : '';
    return rule ? () => setLifting(rule) : undefined;
  };
  if (!shown) return <Panel testid="why-no-campaign"><Empty title={t('why.noCampaign')} hint={t('why.noCampaignHint')} /></Panel>;
  const zone = contact.zones?.length === 1 ? contact.zones[0] : undefined;
  return (
    <div className={css.layout} data-testid="why-contact">
      <Panel>
        <div className={css.pick}>
          <Select flex="1 1 260px" maw={460} label={t('why.chooseCampaign')} searchable allowDeselect={false} value={shown.id} data={campaigns.map((c) => ({ value: c.id, label: c.name }))}
            onChange={(v) => v && go(`/contacts/${contact.id}/why/${v}`)} data-testid="why-campaign-choice" />
          <Button variant="default" leftSection={<IconRefresh size={15} />} loading={query.isFetching} onClick={() => void query.refetch()}>{t('why.again')}</Button>
        </div>
      </Panel>
      <Load query={query}>
        {(why) => (
          <>
            <Panel title={t('why.now')} aside={<Text size="xs" c="dimmed">{t('why.at', { time: f.time(Date.parse(why.at)) })}</Text>}><Verdict why={why} campaign={shown} zone={zone} /></Panel>
            <Panel title={t('why.all')}><Answers answers={inWords(why, shown)} zones={contact.zones} liftOf={liftOf} /></Panel>
          </>
        )}
      </Load>
      <OverrideForm opened={lifting !== ''} onClose={() => setLifting('')} contact={contact} rule={lifting} campaign={shown.id} />
    </div>
  );
}

/** Why one contact may or may not be called now, rule by rule. */
export default function ContactWhyPage({ id, campaign }: { id: string; campaign: string }) {
  const { t } = useTranslation();
  const journey = useJourney(id);
  const campaigns = useCampaigns();
  const contact = journey.data?.contact;
  const title = (
    <>
      <Anchor component={Link} href={`/contacts/${id}`} inherit c="dimmed">{contact ? contact.name || phoneText(contact.phone) : '…'}</Anchor>
      <IconChevronRight size={16} style={{ margin: '0 4px', verticalAlign: 'middle' }} aria-hidden />
      {t('why.title')}
    </>
  );
  return (
    <Page title={title}>
      <Load query={journey}>
        {(j) => (
          <Load query={campaigns}>
            {(all) => <View contact={j.contact} chosen={campaign} campaigns={all.filter((c) => c.list_ids?.includes(j.contact.list_id) || j.places.some((p) => p.campaign_id === c.id))} />}
          </Load>
        )}
      </Load>
    </Page>
  );
}
