/* SPDX-License-Identifier: GPL-3.0-or-later
 * prometheus_metrics: the metrics of common exporters.
 *
 * Choice.   Of a host, what lies on top of another device is left out, since the same bytes are counted there: volumes and
 *           arrays of disks, bridges, bonds, and the host's ends of the networks of containers.
 * Source.   cAdvisor, node_exporter, process-exporter, kube-state-metrics, the kubelet's /metrics/resource, and the process
 *           metrics of the client libraries, as their documentation lists them. */
#include "prometheus_metrics.h"

#include <stddef.h>
#include <string.h>

#define NOT_DISKS "dm-*/md*/loop*/ram*/zram*/sr*"
#define NOT_CARDS "lo/veth*/docker*/br-*/virbr*/vnet*/tap*/cni*/cali*/flannel*/bond*/team*"

static const struct alm_prometheus_metric known[] = {
    {"container_cpu_usage_seconds_total", ALM_CPU, NULL, NULL},
    {"pod_cpu_usage_seconds_total", ALM_CPU, NULL, NULL},
    {"node_cpu_usage_seconds_total", ALM_CPU, NULL, NULL},
    {"node_cpu_seconds_total", ALM_CPU, "mode", "idle/iowait/steal"},
    {"process_cpu_seconds_total", ALM_CPU, NULL, NULL},
    {"namedprocess_namegroup_cpu_seconds_total", ALM_CPU, NULL, NULL},
    {"container_memory_working_set_bytes", ALM_MEMORY, NULL, NULL},
    {"container_memory_usage_bytes", ALM_MEMORY, NULL, NULL},
    {"container_memory_rss", ALM_MEMORY, NULL, NULL},
    {"pod_memory_working_set_bytes", ALM_MEMORY, NULL, NULL},
    {"node_memory_working_set_bytes", ALM_MEMORY, NULL, NULL},
    {"process_resident_memory_bytes", ALM_MEMORY, NULL, NULL},
    {"namedprocess_namegroup_memory_bytes", ALM_MEMORY, "memtype",
     "virtual/swapped/proportionalResident/proportionalSwapped"},
    {"container_fs_reads_bytes_total", ALM_IO_READ, NULL, NULL},
    {"node_disk_read_bytes_total", ALM_IO_READ, "device", NOT_DISKS},
    {"namedprocess_namegroup_read_bytes_total", ALM_IO_READ, NULL, NULL},
    {"container_fs_writes_bytes_total", ALM_IO_WRITE, NULL, NULL},
    {"node_disk_written_bytes_total", ALM_IO_WRITE, "device", NOT_DISKS},
    {"namedprocess_namegroup_write_bytes_total", ALM_IO_WRITE, NULL, NULL},
    {"container_network_receive_bytes_total", ALM_NET_RX, "interface", "lo"},
    {"node_network_receive_bytes_total", ALM_NET_RX, "device", NOT_CARDS},
    {"process_network_receive_bytes_total", ALM_NET_RX, NULL, NULL},
    {"container_network_transmit_bytes_total", ALM_NET_TX, "interface", "lo"},
    {"node_network_transmit_bytes_total", ALM_NET_TX, "device", NOT_CARDS},
    {"process_network_transmit_bytes_total", ALM_NET_TX, NULL, NULL},
    {"machine_cpu_cores", ALM_MEANS_CORES, NULL, NULL},
    {"machine_memory_bytes", ALM_MEANS_BYTES, NULL, NULL},
    {"node_memory_MemTotal_bytes", ALM_MEANS_BYTES, NULL, NULL},
    {"container_spec_memory_limit_bytes", ALM_MEANS_BYTES, NULL, NULL},
    {"kube_pod_container_resource_limits", ALM_MEANS_LIMIT, NULL, NULL},
};

const struct alm_prometheus_metric *alm_prometheus_find(const char *name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

bool alm_prometheus_counter(const char *name)
{
    static const char *const suffix[] = {"_total", "_sum"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++)
        if (n >= strlen(suffix[i]) && strcmp(name + n - strlen(suffix[i]), suffix[i]) == 0)
            return true;
    return false;
}

bool alm_prometheus_listed(const char *list, const char *word)
{
    for (const char *p = list; *p; p += strcspn(p, "/"), p += *p == '/') {
        size_t n = strcspn(p, "/");
        bool begin = p[n - 1] == '*';
        if (strncmp(p, word, n - begin) == 0 && (begin || word[n] == '\0'))
            return true;
    }
    return false;
}
