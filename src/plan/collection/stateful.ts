/** Kinds whose deletion loses data, or everything that hangs on them. */
import type { BuiltObject } from './built-object.ts';

const kinds = new Set([
  '/PersistentVolumeClaim',
  '/PersistentVolume',
  '/Namespace',
  'apps/StatefulSet',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'snapshot.storage.k8s.io/VolumeSnapshot',
  'snapshot.storage.k8s.io/VolumeSnapshotContent',
  'postgresql.cnpg.io/Cluster',
  'acid.zalan.do/postgresql',
  'postgres-operator.crunchydata.com/PostgresCluster',
  'k8s.mariadb.com/MariaDB',
  'mysql.oracle.com/InnoDBCluster',
  'pxc.percona.com/PerconaXtraDBCluster',
  'mongodbcommunity.mongodb.com/MongoDBCommunity',
  'psmdb.percona.com/PerconaServerMongoDB',
  'kafka.strimzi.io/Kafka',
  'kafka.strimzi.io/KafkaNodePool',
  'dragonflydb.io/Dragonfly',
  'elasticsearch.k8s.elastic.co/Elasticsearch',
  'opensearch.opster.io/OpenSearchCluster',
  'rabbitmq.com/RabbitmqCluster',
  'minio.min.io/Tenant',
]);

/** Operators of storage: whatever they define holds data. */
const groups = new Set(['ceph.rook.io', 'longhorn.io']);

export function isStateful({ group, kind }: Pick<BuiltObject, 'group' | 'kind'>): boolean {
  return kinds.has(`${group}/${kind}`) || groups.has(group);
}
