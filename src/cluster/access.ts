/** Asks the API server what our own credentials may do; nothing is written. */
import type { Connection } from './connection.ts';

export interface Access {
  verb: string;
  group: string;
  resource: string;
  namespace?: string;
}

interface Review {
  status: { allowed: boolean };
}

export function describeAccess({ verb, group, resource, namespace }: Access): string {
  return `${verb} ${resource}${group ? `.${group}` : ''}${namespace ? ` in ${namespace}` : ''}`;
}

/** The wanted accesses that are not granted. @throws ClusterError */
export async function accessMissing(connection: Connection, wanted: Access[]): Promise<Access[]> {
  const granted = await Promise.all(
    wanted.map(async (resourceAttributes) => {
      const review = await connection.send<Review>('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        method: 'POST',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        },
      });
      return review.status.allowed;
    }),
  );
  return wanted.filter((_, index) => !granted[index]);
}
