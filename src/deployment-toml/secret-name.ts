/** Whether what deployment.toml has under this name could be a secret. Rather too often than once too few: it only decides what is shown. */
export function namesSecret(name: string): boolean {
  return /pass|secret|key|token|credential|user(name)?info/i.test(name);
}
