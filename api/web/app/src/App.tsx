import { useQueryClient } from '@tanstack/react-query';
import i18next from 'i18next';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Redirect, Route, Router, Switch, useLocation } from 'wouter';
import { ApiError, onSignedOut } from './api/http';
import { keepLanguage, resumeLanguage, unsavedLanguage } from './api/language';
import { switchUser, useMe } from './api/queries';
import type { Language, User } from './api/types';
import { setLanguage } from './i18n';
import { commandText } from './i18n/problem';
import { SessionContext } from './lib/session';
import { guardedNav } from './lib/unsaved';
import { SignIn } from './pages/signin/SignIn';
import { homeOf, mayOpen, Shell } from './shell/shell';
import { StreamProvider } from './stream/context';
import type { Ack, Command } from './stream/outbox';
import { toastOK, toastText } from './ui/toast';
import { Empty, Failed, FullLoader, Page } from './ui/ui';

const Agent = lazy(() => import('./pages/agent/AgentPage'));
const Board = lazy(() => import('./pages/board/BoardPage'));
const Lists = lazy(() => import('./pages/lists/ListsPage'));
const ListDetail = lazy(() => import('./pages/lists/ListPage'));
const Import = lazy(() => import('./pages/imports/ImportPage'));
const Segments = lazy(() => import('./pages/segments/SegmentsPage'));
const SegmentDetail = lazy(() => import('./pages/segments/SegmentPage'));
const SetDetail = lazy(() => import('./pages/segments/SetPage'));
const Scripts = lazy(() => import('./pages/scripts/ScriptsPage'));
const ScriptDetail = lazy(() => import('./pages/scripts/ScriptPage'));
const Campaigns = lazy(() => import('./pages/campaigns/CampaignsPage'));
const CampaignDetail = lazy(() => import('./pages/campaigns/CampaignPage'));
const Calls = lazy(() => import('./pages/calls/CallsPage'));
const Contacts = lazy(() => import('./pages/contacts/SearchPage'));
const ContactWhy = lazy(() => import('./pages/why/ContactWhyPage'));
const Rules = lazy(() => import('./pages/rules/RulesPage'));
const Contact = lazy(() => import('./pages/contacts/ContactPage'));
const Trunks = lazy(() => import('./pages/trunks/TrunksPage'));
const Users = lazy(() => import('./pages/users/UsersPage'));
const Callbacks = lazy(() => import('./pages/callbacks/CallbacksPage'));
const Articles = lazy(() => import('./pages/articles/ArticlesPage'));
const Reports = lazy(() => import('./pages/reports/ReportsPage'));
const Sales = lazy(() => import('./pages/sales/SalesPage'));
const Quality = lazy(() => import('./pages/quality/QualityPage'));
const Experiments = lazy(() => import('./pages/experiments/ExperimentsPage'));
const Wallboard = lazy(() => import('./pages/wallboard/WallboardPage'));
const Webhooks = lazy(() => import('./pages/webhooks/WebhooksPage'));
const Dnc = lazy(() => import('./pages/dnc/DncPage'));

function NotFound() {
  const { t } = useTranslation();
  return <Page title=""><Empty title={t('state.notFound')} hint={t('state.notFoundHint')} /></Page>;
}

function Routes({ user }: { user: User }) {
  const { t } = useTranslation();
  const [at] = useLocation();
  if (!mayOpen(user.role, at)) {
    return <Page title=""><Empty title={t('state.forbidden')} hint={t('state.forbiddenHint')} /></Page>;
  }
  return (
    <Suspense fallback={<FullLoader />}>
      <Switch>
        <Route path="/"><Redirect to={homeOf(user.role)} replace /></Route>
        <Route path="/agent" component={Agent} />
        <Route path="/board" component={Board} />
        <Route path="/lists" component={Lists} />
        <Route path="/lists/:id/import/:job?">{({ id, job }) => <Import key={`${id} ${job}`} listID={id!} id={job ?? ''} />}</Route>
        <Route path="/segments"><Segments tab="segments" /></Route>
        <Route path="/segments/sets"><Segments tab="sets" /></Route>
        <Route path="/segments/sets/:id">{({ id }) => <SetDetail key={id} id={id} />}</Route>
        <Route path="/segments/:id">{({ id }) => <SegmentDetail key={id} id={id} />}</Route>
        <Route path="/lists/:id">{({ id }) => <ListDetail key={id} id={id} />}</Route>
        <Route path="/scripts" component={Scripts} />
        <Route path="/scripts/:id/:tab?">{({ id, tab }) => <ScriptDetail key={id} id={id!} tab={tab ?? ''} />}</Route>
        <Route path="/campaigns" component={Campaigns} />
        <Route path="/campaigns/:id/:tab?">{({ id, tab }) => <CampaignDetail key={id} id={id!} tab={tab ?? ''} />}</Route>
        <Route path="/calls" component={Calls} />
        <Route path="/contacts" component={Contacts} />
        <Route path="/contacts/:id/why/:campaign?">{({ id, campaign }) => <ContactWhy key={id} id={id!} campaign={campaign ?? ''} />}</Route>
        <Route path="/contacts/:id">{({ id }) => <Contact key={id} id={id} />}</Route>
        <Route path="/reports/:tab?">{({ tab }) => <Reports tab={tab ?? ''} />}</Route>
        <Route path="/callbacks" component={Callbacks} />
        <Route path="/articles" component={Articles} />
        <Route path="/sales" component={Sales} />
        <Route path="/quality/:tab?/:id?">{({ tab, id }) => <Quality tab={tab ?? ''} id={id ?? ''} />}</Route>
        <Route path="/experiments" component={Experiments} />
        <Route path="/wallboard" component={Wallboard} />
        <Route path="/webhooks" component={Webhooks} />
        <Route path="/users" component={Users} />
        <Route path="/trunks" component={Trunks} />
        <Route path="/dnc/:tab?">{({ tab }) => <Dnc tab={tab ?? ''} />}</Route>
        <Route path="/rules/:pack?">{({ pack }) => <Rules id={pack ?? ''} />}</Route>
        <Route component={NotFound} />
      </Switch>
    </Suspense>
  );
}

// A result stored by an earlier page was acknowledged now: its own panel is gone, so it is told here.
function orphanSettled(command: Command, ack: Ack) {
  if (command.name !== 'dispose') return;
  if (ack.ok) toastOK(i18next.t('desk.result.orphanSaved'));
  else toastText(i18next.t('desk.result.orphanFailed', { message: commandText(ack.error) }));
}

function SignedIn({ user }: { user: User }) {
  return (
    <SessionContext value={user}>
      <StreamProvider key={user.id} userID={user.id} onOrphan={orphanSettled}>
        <Router aroundNav={guardedNav}><Shell><Routes user={user} /></Shell></Router>
      </StreamProvider>
    </SessionContext>
  );
}

export function App() {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const [ended, setEnded] = useState(false);
  useEffect(
    () => onSignedOut(() => {
      setEnded(true);
      switchUser(client, null);
    }),
    [client],
  );
  useEffect(() => {
    document.title = me.data ? `Dialtide · ${me.data.name}` : 'Dialtide';
  }, [me.data]);
  const { id, language } = me.data ?? {};
  useEffect(() => {
    if (id && language) resumeLanguage(id, language);
  }, [id]); // eslint-disable-line react-hooks/exhaustive-deps -- once, not for each choice
  useEffect(() => {
    // The account's language follows the person to another computer.
    const now = (id && unsavedLanguage(id)) || language;
    if (now && now !== i18next.language) setLanguage(now);
  }, [id, language]);
  const signedIn = (user: User, picked: Language | null) => {
    setEnded(false);
    // A language picked on the sign-in page is meant to stay.
    if (picked && picked !== user.language) keepLanguage(user.id, picked);
    switchUser(client, picked ? { ...user, language: picked } : user);
  };
  if (me.data) return <SignedIn user={me.data} />;
  if (me.isPending) return <FullLoader />;
  const away = me.error instanceof ApiError && me.error.status !== 401;
  if (away && me.data === undefined) return <Failed error={me.error} retry={() => void me.refetch()} />;
  return <SignIn notice={ended ? t('signin.ended') : ''} onSignedIn={signedIn} />;
}
