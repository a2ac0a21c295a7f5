import { useRouter } from 'wouter';
import { usernameAt } from '../address';

/**
 * Whose conversation the address names. From the path as it is written: the router decodes its parameters as whole addresses are, which
 * leaves `%40` and its like, and a name that holds a per cent sign cannot be told from an escape any more.
 */
export function usePartner(): string | null {
  const router = useRouter();
  return usernameAt(router.hook(router)[0]);
}
