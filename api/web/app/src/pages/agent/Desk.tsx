import { SegmentedControl } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Pop, Screen } from '../../api/types';
import { PhoneNotice } from '../../phone/PhonePanel';
import { Announcer } from './Announcer';
import { ContactCard } from './ContactCard';
import { HelpStrip, useOwnMessages } from './HelpTools';
import { Idle } from './Idle';
import { MessageStrip } from './Messages';
import { usePopShown } from './painted';
import { PreviewPanel } from './PreviewPanel';
import { Reminders } from './Reminders';
import { ResultPanel } from './ResultPanel';
import { ScriptPlayer } from './ScriptPlayer';
import { StateBar } from './StateBar';
import { TalkBar } from './TalkBar';
import css from './agent.module.css';
import deskCss from './desk.module.css';

type Tab = 'contact' | 'script' | 'result';

function Work({ screen, pop }: { screen: Screen; pop: Pop }) {
  const { t } = useTranslation();
  const { ref, width } = useElementSize();
  const [tab, setTab] = useState<Tab>(pop.script ? 'script' : 'contact');
  const [suggested, setSuggested] = useState('');
  const over = screen.call?.status === 'ended' || screen.state === 'WrapUp';
  // On a narrow screen the next thing to do comes to the front when the call ends.
  useEffect(() => {
    if (over && screen.needs_disposition) setTab('result');
  }, [over, screen.needs_disposition]);
  const narrow = width > 0 && width < 860;
  const show = (which: Tab) => !narrow || tab === which;
  return (
    <div ref={ref} className={css.work} data-narrow={narrow || undefined}>
      {narrow && (
        <SegmentedControl className={css.tabs} fullWidth size="xs" value={tab} onChange={(v) => setTab(v as Tab)}
          aria-label={t('desk.tabs.view')}
          data={[
            // Whom he talks with is to be seen from every tab.
            { value: 'contact', label: <span className={css.tabName} title={pop.contact.name}>{pop.contact.name || t('desk.tabs.contact')}</span> },
            ...(['script', 'result'] as const).map((value) => ({ value, label: t(`desk.tabs.${value}`) })),
          ]} />
      )}
      <div className={css.column} hidden={!show('contact')}><ContactCard screen={screen} pop={pop} /></div>
      <div className={css.column} hidden={!show('script')}>
        <ScriptPlayer screen={screen} pop={pop} onSuggest={setSuggested} />
      </div>
      <div className={css.column} hidden={!show('result')}>
        <ResultPanel screen={screen} pop={pop} suggested={suggested} />
      </div>
    </div>
  );
}

/** The agent's place of work while logged in to a campaign. */
export function Desk({ screen }: { screen: Screen }) {
  usePopShown(screen.call ? screen.pop?.attempt_id ?? '' : '');
  const messages = useOwnMessages(screen);
  let work = <div className={css.idle}><Idle screen={screen} /></div>;
  if (screen.preview && screen.state === 'Preview' && !screen.call) work = <PreviewPanel key={screen.preview.offer_id} screen={screen} preview={screen.preview} />;
  else if (screen.pop) work = <Work key={screen.pop.attempt_id} screen={screen} pop={screen.pop} />;
  return (
    <main className={css.desk} id="main">
      <h1 className={deskCss.heard}>{screen.session?.campaign_name}</h1>
      <StateBar screen={screen} />
      <PhoneNotice />
      <TalkBar screen={screen} />
      <HelpStrip screen={screen} />
      <MessageStrip screen={screen} messages={messages} />
      <Reminders screen={screen} inCall={!!screen.pop} />
      {work}
      <Announcer screen={screen} />
    </main>
  );
}
