#!/bin/sh
# A load balancer of an OpenStack cloud (Octavia) in front of the nginx of two hosts. Other clouds have the same parts under other
# names: a TCP listener, a pool with the PROXY protocol, and a health check of /readyz. Replace the addresses and the subnets.
#
# The balancer passes TLS on to nginx, because it does not read whole requests before it sends them on. nginx does, and needs:
#
# 1. to learn the visitor's address from the balancer, in deploy/nginx/retrouve.conf:
#        listen 443 ssl proxy_protocol;
#        set_real_ip_from 192.0.2.0/24; real_ip_header proxy_protocol;
# 2. a port at which the balancer asks whether this host can serve voters (deploy/cloud/nginx-readyz.conf).
#
# Each nginx names the hosts in its own upstream, as without a balancer.
set -eu

openstack loadbalancer create --name retrouve --vip-subnet-id public --wait
openstack loadbalancer listener create --name retrouve-https --protocol TCP --protocol-port 443 --wait retrouve
openstack loadbalancer pool create --name retrouve-hosts --listener retrouve-https --protocol PROXY --lb-algorithm LEAST_CONNECTIONS --wait
# A host that lacks its database or the newest key answers 503, and leaves within ten seconds.
openstack loadbalancer healthmonitor create --name retrouve-readyz --type HTTP --url-path /readyz --expected-codes 200 \
    --delay 3 --timeout 2 --max-retries 2 --max-retries-down 2 --wait retrouve-hosts
for host in 192.0.2.1 192.0.2.2; do
    openstack loadbalancer member create --address "$host" --protocol-port 443 --monitor-port 8081 --subnet-id hosts --wait retrouve-hosts
done
