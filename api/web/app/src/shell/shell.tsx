import { ActionIcon, Button, Menu, UnstyledButton } from '@mantine/core';
import {
  IconBroadcast, IconDashboard, IconHeadset, IconListDetails, IconLogout, IconMenu2, IconPhoneOff, IconPhone, IconUsers,
  IconBook2, IconChecklist, IconCoins, IconFlask2, IconChartBar, IconCalendarClock, IconNotebook, IconFilter, IconRoute, IconScale, IconUserSearch, IconWebhook,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState, type ComponentProps, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { post } from '../api/http';
import { switchUser } from '../api/queries';
import type { Role } from '../api/types';
import { may, useUser } from '../lib/session';
import { WatchBar } from '../pages/board/watch';
import { WatchProvider } from '../pages/board/watching';
import { useConnection, useStream } from '../stream/context';
import { toastProblem } from '../ui/toast';
import { AlertBadge } from '../pages/board/alerts';
import { Brand } from './brand';
import { LanguageMenu, SchemeMenu } from './choices';
import css from './shell.module.css';

const SupervisorPhone = lazy(() => import('../phone/SupervisorPhone'));

export const PAGES = [
  { path: '/agent', key: 'agent', icon: IconHeadset, roles: ['agent'] },
  { path: '/board', key: 'board', icon: IconDashboard, roles: ['supervisor', 'admin'] },
  { path: '/campaigns', key: 'campaigns', icon: IconBroadcast, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/lists', key: 'lists', icon: IconListDetails, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/contacts', key: 'contacts', icon: IconUserSearch, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/segments', key: 'segments', icon: IconFilter, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/scripts', key: 'scripts', icon: IconRoute, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/calls', key: 'calls', icon: IconPhone, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/quality', key: 'quality', icon: IconChecklist, roles: ['agent', 'supervisor', 'admin'] },
  { path: '/reports', key: 'reports', icon: IconChartBar, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/dnc', key: 'dnc', icon: IconPhoneOff, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/rules', key: 'rules', icon: IconScale, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/callbacks', key: 'callbacks', icon: IconCalendarClock, roles: ['agent', 'supervisor', 'admin'] },
  { path: '/sales', key: 'sales', icon: IconCoins, roles: ['agent', 'supervisor', 'list_manager', 'admin'] },
  { path: '/experiments', key: 'experiments', icon: IconFlask2, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/articles', key: 'articles', icon: IconNotebook, roles: ['supervisor', 'list_manager', 'admin'] },
  { path: '/users', key: 'users', icon: IconUsers, roles: ['admin'] },
] as const;

// Pages that are opened from within another one, and have no place of their own in the head.
const WITHIN: Record<string, string> = { '/trunks': '/users', '/webhooks': '/board', '/wallboard': '/board' };

export function mayOpen(role: Role, path: string): boolean {
  // An agent has no search, but may look at the contacts that a call gave him: the server decides which.
  if (/^\/contacts\/[^/]+$/.test(path)) return true;
  const own = WITHIN[path] ?? path;
  const page = PAGES.find((p) => own === p.path || own.startsWith(p.path + '/'));
  return !page || (page.roles as readonly Role[]).includes(role);
}

/** Where a role starts its day. */
export function homeOf(role: Role): string {
  return { agent: '/agent', supervisor: '/board', list_manager: '/lists', admin: '/board' }[role];
}

/** A way to a page. An agent's phone is in the desk's page: what he looks up meanwhile opens beside it. */
function Way({ href, beside, ...rest }: ComponentProps<'a'> & { href: string; beside: boolean }) {
  return beside ? <a href={href} target="_blank" rel="noopener" {...rest} /> : <Link href={href} {...rest} />;
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  if (/[\u3400-\u9fff]/.test(name)) return name.trim().slice(-2);
  return ((words[0]?.[0] ?? '') + (words.length > 1 ? (words.at(-1)?.[0] ?? '') : '')).toUpperCase();
}

/** In the head, where it pushes nothing away: what somebody is about to click stays where it is. */
function ConnectionBanner() {
  const { t } = useTranslation();
  const client = useStream();
  if (useConnection() !== 'lost') return null;
  return (
    <div className={css.banner} role="alert" data-testid="connection-lost">
      <b title={t('conn.lostDetail')}>{t('conn.lost')}</b> <span>{t('conn.lostDetail')}</span>
      <Button size="compact-xs" variant="default" onClick={client.retryNow}>{t('conn.retry')}</Button>
    </div>
  );
}

function AccountMenu() {
  const { t } = useTranslation();
  const user = useUser();
  const client = useQueryClient();
  const signOut = async () => {
    try {
      await post('/logout');
      switchUser(client, null);
    } catch (e) {
      toastProblem(e);
    }
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <UnstyledButton className={css.account} aria-label={t('ui.account')} data-testid="account">
          <span className={css.initials} aria-hidden>{initials(user.name)}</span>
          <span className={`truncate ${css.accountName}`}>{user.name}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.login} · {t(`role.${user.role}`)}</Menu.Label>
        {(user.role === 'admin' || user.role === 'supervisor') && <Menu.Item component={Link} href="/webhooks" leftSection={<IconWebhook size={16} />} data-testid="open-webhooks">{t('room.hooks.title')}</Menu.Item>}
        <Menu.Item component="a" href="/api/docs" leftSection={<IconBook2 size={16} />}>{t('nav.apiDocs')}</Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()} data-testid="sign-out">
          {t('act.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Who may stand beside agents has what he does there on every page. */
export function Shell({ children }: { children: ReactNode }) {
  return may(useUser(), 'listen') ? <WatchProvider><Frame attends>{children}</Frame></WatchProvider> : <Frame>{children}</Frame>;
}

function Frame({ attends, children }: { attends?: boolean; children: ReactNode }) {
  const { t } = useTranslation();
  const user = useUser();
  const [notices, setNotices] = useState<HTMLElement | null>(null);
  const [at] = useLocation();
  const pages = PAGES.filter((p) => (p.roles as readonly Role[]).includes(user.role));
  const beside = user.role === 'agent' && at === '/agent';
  const own = WITHIN[at] ?? at;
  const current = (path: string) => (own === path || own.startsWith(path + '/') ? ('page' as const) : undefined);
  if (at === '/wallboard') return <>{children}</>;
  return (
    <div className={css.frame}>
      <a className="skip" href="#main">{t('ui.skip')}</a>
      <header className={css.header} data-many={pages.length > 11 || undefined}>
        {pages.length > 1 && (
          <Menu position="bottom-start" withinPortal>
            <Menu.Target>
              <ActionIcon className={css.narrowOnly} variant="subtle" color="gray" size="lg" aria-label={t('nav.menu')}>
                <IconMenu2 size={20} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {pages.map(({ path, key, icon: Icon }) => (
                <Menu.Item key={path} component={Way} href={path} beside={beside && path !== at} leftSection={<Icon size={16} />} aria-current={current(path)}>
                  {t(`nav.${key}`)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        <Brand size={24} />
        {pages.length > 1 && (
          <nav className={css.nav} aria-label={t('nav.main')}>
            {pages.map(({ path, key, icon: Icon }) => (
              <Way key={path} href={path} beside={beside && path !== at} className={css.link} aria-current={current(path)} data-testid={`nav-${key}`}>
                <Icon size={17} stroke={1.7} aria-hidden />{t(`nav.${key}`)}
              </Way>
            ))}
          </nav>
        )}
        <div className={css.end}>
          <ConnectionBanner />
          {(user.role === 'supervisor' || user.role === 'admin') && <AlertBadge />}
          {attends && user.phone_kind === 'webrtc' && <Suspense fallback={null}><SupervisorPhone notices={notices} /></Suspense>}
          <SchemeMenu />
          <LanguageMenu user={user} />
          <AccountMenu />
        </div>
      </header>
      <div className={css.content}>{children}</div>
      {/* Below the page: what comes and goes there moves nothing in it. */}
      <div className={css.below} ref={setNotices} />
      {attends && <WatchBar />}
    </div>
  );
}
