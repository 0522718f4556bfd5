import { Type } from 'typebox';
import { duration } from '../keys/duration.ts';
import { listOf, section } from '../keys/groups.ts';
import { path } from '../keys/path.ts';
import { port, text, yesOrNo } from '../keys/plain.ts';

/** A name of the public DNS without a wildcard: what an authority proves over HTTP. */
const hostName = '^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$';

export const tls = section('Certificates of the player port, and how browsers come to it.', {
  certificates: listOf(
    section('One certificate.', {
      cert: path({ description: 'The certificate with its chain, in PEM form, the server’s own first.' }),
      key: path({ description: 'Its private key, in PEM form without a password. It may be the same file.' }),
    }),
    {
      description:
        'Certificates, chosen by the server name that a client asks for. The first is for clients that ask for none, or for one that no certificate has. Files are read again when they change.',
      change: 'live',
      derived:
        'proxy.pem with proxy-key.pem in `certs`; none with `tls.acme.names`, whose certificate comes after all that are listed',
      most: 64,
      of: 'pairs of cert and key',
    },
  ),
  hsts: section(
    '`Strict-Transport-Security`: browsers come back over HTTPS only. Never sent with a development certificate.',
    {
      maxAge: duration({
        description: 'For how long. Shorten it to try HTTPS out; 0s tells browsers to forget.',
        change: 'live',
        default: '730d',
        least: '0s',
        most: '3650d',
      }),
      includeSubDomains: yesOrNo({
        description:
          'Also for all names below this one. Say false if some of them are served over plain HTTP.',
        change: 'live',
        default: true,
      }),
    },
  ),
  plainHttpPort: Type.Optional(
    port({
      description:
        'A port for plain HTTP, which sends browsers to the HTTPS page and refuses everything else. Without one there is none. It is opened at the start: a change waits for a restart, and `castling config reload` says so.',
      change: 'restart',
    }),
  ),
  publicPort: port({
    description: 'The port on which players see the HTTPS server, where something in front gives it another.',
    change: 'restart',
    derived: '`proxy.port`',
  }),
  acme: section(
    'A certificate that Castling orders itself, by ACME (RFC 8555) over HTTP: needs `tls.plainHttpPort`, reached as port 80. All of it is read at the start: a change waits for a restart, and `castling config reload` says so.',
    {
      names: listOf(
        text({
          expected: 'a host name in lower case, without a wildcard, such as play.example.org',
          pattern: hostName,
          most: 253,
        }),
        {
          description: 'The names of the certificate, all of which lead here. An empty list orders none.',
          change: 'restart',
          default: [],
          most: 100,
          of: 'host names',
        },
      ),
      directory: text({
        description: 'The certificate authority’s ACME directory.',
        expected: 'an address that begins with https://',
        pattern: '^https://[^\\s]+$',
        change: 'restart',
        default: 'https://acme-v02.api.letsencrypt.org/directory',
      }),
      email: Type.Optional(
        text({
          description: 'Where the authority writes to when something is wrong.',
          expected: 'an e-mail address',
          pattern: '^[^\\s@,]+@[^\\s@,]+$',
          most: 254,
          change: 'restart',
        }),
      ),
      termsAgreed: yesOrNo({
        description: 'That you have read the authority’s terms and agree to them.',
        change: 'restart',
        default: false,
      }),
      caFile: Type.Optional(
        path({
          description:
            'A CA, in PEM form, that is trusted for the directory beside the public ones: for an authority of your own.',
          change: 'restart',
        }),
      ),
      folder: path({
        description:
          'Where the account’s key and the certificate are kept. Machines that share it order once, and answer for each other.',
        change: 'restart',
        derived: 'acme/ in `certs`',
      }),
    },
  ),
});
