import { useSearchParams } from 'wouter';

/** The message that the address points at: `/chat/ann?around=<id>`. */
export function useAround(): string | null {
  const [params] = useSearchParams();
  return params.get('around');
}
