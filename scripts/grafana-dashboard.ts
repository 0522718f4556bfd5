/**
 * The dashboard for Grafana, made here because its file is long and says little: `node scripts/grafana-dashboard.ts` writes it to
 * docs/monitoring, and a test compares the file with what this gives and asks a running Castling for every metric in it.
 */
import { writeFileSync } from 'node:fs';

interface Panel {
  readonly title: string;
  /** What it tells, and what to do about it. */
  readonly help: string;
  /** Of Grafana’s units: `reqps`, `s`, `bytes`, `short`, `percentunit`. */
  readonly unit: string;
  /** PromQL, and the name of its lines. */
  readonly lines: readonly (readonly [expression: string, legend: string])[];
}

const own = '{job=~"$job"}';
const rate = (metric: string, labels = own) => `rate(${metric}${labels}[$__rate_interval])`;
const quantile = (q: number, metric: string, labels = own) =>
  `histogram_quantile(${q}, sum by (le) (${rate(`${metric}_bucket`, labels)}))`;
const moves = '{job=~"$job",method="match.move",outcome="answered"}';

const panels: readonly Panel[] = [
  {
    title: 'Players',
    help: 'Sessions with a socket, and sockets, signed in or not. Many more sockets than sessions: somebody opens and does not sign in.',
    unit: 'short',
    lines: [
      [`sum(castling_proxy_sessions${own})`, 'sessions'],
      [`sum(castling_proxy_sockets${own})`, 'sockets'],
    ],
  },
  {
    title: 'Matches',
    help: 'Matches in the memory of backends, and players who wait for an opponent.',
    unit: 'short',
    lines: [
      [`sum(castling_game_matches${own})`, 'in memory'],
      [`sum(castling_game_waiting_players${own})`, 'waiting players'],
    ],
  },
  {
    title: 'Requests of players',
    help: 'What backends answer and refuse, by method.',
    unit: 'reqps',
    lines: [
      [
        `sum by (method, outcome) (${rate('castling_request_duration_seconds_count')})`,
        '{{method}} {{outcome}}',
      ],
    ],
  },
  {
    title: 'Time to answer a move',
    help: 'From the player’s message to the answer, the log’s sync included. Compare with the log’s commits: what is slow there is slow here.',
    unit: 's',
    lines: [
      [quantile(0.5, 'castling_request_duration_seconds', moves), 'half'],
      [quantile(0.99, 'castling_request_duration_seconds', moves), '99 %'],
      [quantile(0.999, 'castling_request_duration_seconds', moves), '99.9 %'],
    ],
  },
  {
    title: 'Commits of the log',
    help: 'Time of one commit, which puts many commands on disk at once. Slow: the disk is.',
    unit: 's',
    lines: [
      [quantile(0.5, 'castling_log_commit_duration_seconds'), 'half'],
      [quantile(0.99, 'castling_log_commit_duration_seconds'), '99 %'],
    ],
  },
  {
    title: 'Commands on disk',
    help: 'Commands that were kept, and commits that failed: each failure refused its players.',
    unit: 'reqps',
    lines: [
      [`sum(${rate('castling_log_commands_total')})`, 'commands'],
      [`sum(${rate('castling_log_commit_duration_seconds_count')})`, 'commits'],
      [`sum(${rate('castling_log_commit_failures_total')})`, 'failed commits'],
    ],
  },
  {
    title: 'Refused',
    help: 'By the rule of the policy, or the code of a backend. `castling why` tells the story of one.',
    unit: 'reqps',
    lines: [
      [`sum by (rule) (${rate('castling_policy_refusals_total')})`, '{{rule}}'],
      [`sum by (code) (${rate('castling_request_refusals_total')})`, '{{code}}'],
    ],
  },
  {
    title: 'Sign-ins and refreshes',
    help: 'Answers of the account service. Many 401 at log-in: somebody guesses passwords.',
    unit: 'reqps',
    lines: [
      [
        `sum by (kind, status) (${rate('castling_http_requests_total', '{job=~"$job",route="accounts"}')})`,
        '{{kind}} {{status}}',
      ],
    ],
  },
  {
    title: 'Connections refused at the door',
    help: 'Before TLS was done: floods, silent peers, filters.',
    unit: 'reqps',
    lines: [[`sum by (reason) (${rate('castling_listener_refused_connections_total')})`, '{{reason}}']],
  },
  {
    title: 'Sockets that Castling closed',
    help: 'By close code. session_ended and its like are people who signed out elsewhere.',
    unit: 'reqps',
    lines: [[`sum by (code) (${rate('castling_proxy_closings_total')})`, '{{code}}']],
  },
  {
    title: 'Backends in reach',
    help: 'By process of the proxy; away: it dials again.',
    unit: 'short',
    lines: [[`sum by (process, state) (castling_link_backends${own})`, '{{process}} {{state}}']],
  },
  {
    title: 'Certificates',
    help: 'Time until each expires. They are looked at again when their files change.',
    unit: 's',
    lines: [[`min by (certificate) (castling_tls_certificate_remaining_seconds${own})`, '{{certificate}}']],
  },
  {
    title: 'Processor',
    help: 'Of one core. A worker near 1 needs a second one (`proxy.workers`).',
    unit: 'percentunit',
    lines: [[`sum by (process) (${rate('process_cpu_seconds_total')})`, '{{process}}']],
  },
  {
    title: 'Memory',
    help: 'Resident, by process.',
    unit: 'bytes',
    lines: [[`sum by (process) (process_resident_memory_bytes${own})`, '{{process}}']],
  },
  {
    title: 'Event loop',
    help: 'How late timers were, at the 99th percentile: above some 100 ms everybody in the process waits.',
    unit: 's',
    lines: [[`max by (process) (nodejs_eventloop_lag_p99_seconds${own})`, '{{process}}']],
  },
  {
    title: 'Settings',
    help: 'The version in effect, and keys that wait for a restart.',
    unit: 'short',
    lines: [
      [`max by (process) (castling_settings_version${own})`, '{{process}} version'],
      [`max by (process) (castling_settings_waiting_for_restart${own})`, '{{process}} waiting for a restart'],
    ],
  },
];

const columns = 2;
const width = 24 / columns;
const height = 8;

/** As Grafana imports it (schema version 39 and later). */
export function dashboard(): object {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own placeholder.
  const datasource = { type: 'prometheus', uid: '${datasource}' };
  return {
    uid: 'castling',
    title: 'Castling',
    tags: ['castling'],
    schemaVersion: 39,
    editable: true,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        {
          name: 'job',
          type: 'query',
          label: 'Job',
          datasource,
          query: { query: 'label_values(castling_proxy_workers, job)', refId: 'job' },
          multi: true,
          includeAll: true,
          allValue: '.*',
          current: { text: 'All', value: '$__all' },
          refresh: 2,
        },
      ],
    },
    panels: panels.map(({ title, help, unit, lines }, index) => ({
      id: index + 1,
      title,
      description: help,
      type: 'timeseries',
      datasource,
      gridPos: { x: (index % columns) * width, y: Math.floor(index / columns) * height, w: width, h: height },
      fieldConfig: {
        defaults: { unit, min: 0, custom: { fillOpacity: 10, showPoints: 'never' } },
        overrides: [],
      },
      options: {
        legend: { displayMode: 'list', placement: 'bottom' },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
      targets: lines.map(([expr, legendFormat], line) => ({
        refId: String.fromCharCode('A'.charCodeAt(0) + line),
        datasource,
        expr,
        legendFormat,
      })),
    })),
  };
}

if (import.meta.main) {
  const file = new URL('../docs/monitoring/grafana-dashboard.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(dashboard(), undefined, 2)}\n`);
}
