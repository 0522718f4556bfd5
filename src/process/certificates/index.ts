export { type CertificateRole, filesOf, LINK_CLIENT_NAME, LINK_SERVER_NAME } from './certificate-roles.ts';
export { type CertificateFault, checkDevelopmentCertificates } from './check-certificates.ts';
export { describeAuthority, describeOutcome } from './describe-certificates.ts';
export { type CertificateOutcome, ensureDevelopmentCertificates } from './ensure-certificates.ts';
export { isDevelopmentCertificate } from './is-development-certificate.ts';
