export { certificatesIn } from './certificates-in.ts';
export { checkDevelopmentCertificates } from './check-certificates.ts';
export { describeAuthority, describeOutcome } from './describe-certificates.ts';
export { ensureDevelopmentCertificates } from './ensure-certificates.ts';
export { isDevelopmentCertificate } from './is-development-certificate.ts';
export { type LinkFault, linkFault } from './link-identity.ts';
