package main

import (
	"context"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/kubernetes/pkg/controller/deployment"
	"k8s.io/kubernetes/pkg/controller/endpointslice"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/namespace"
	"k8s.io/kubernetes/pkg/controller/replicaset"
)

const (
	workers              = 2
	burstReplicas        = 100
	maxEndpointsPerSlice = 100
	endpointBatchPeriod  = 0
	namespaceResync      = 5 * time.Minute
	discoveryPeriod      = 5 * time.Second
)

// clients are what the controllers share.
type clients struct {
	typed    kubernetes.Interface
	metadata metadata.Interface
	shared   informers.SharedInformerFactory
}

// runControllers runs every controller until the context ends.
func runControllers(ctx context.Context, kubeconfig string) error {
	c, err := newClients(kubeconfig)
	if err != nil {
		return err
	}
	core, apps := c.shared.Core().V1(), c.shared.Apps().V1()
	slices := endpointslice.NewController(ctx, core.Pods(), core.Services(), core.Nodes(),
		c.shared.Discovery().V1().EndpointSlices(), maxEndpointsPerSlice, c.typed, endpointBatchPeriod)
	namespaces := namespace.NewNamespaceController(ctx, c.typed, c.metadata,
		c.typed.Discovery().ServerPreferredNamespacedResources, core.Namespaces(), namespaceResync, v1.FinalizerKubernetes)
	replicas := replicaset.NewReplicaSetController(ctx, apps.ReplicaSets(), core.Pods(), c.typed, burstReplicas)
	deployments, err := deployment.NewDeploymentController(ctx, apps.Deployments(), apps.ReplicaSets(), core.Pods(), c.typed)
	if err != nil {
		return err
	}
	collectGarbage, err := garbageCollection(ctx, c)
	if err != nil {
		return err
	}
	c.shared.Start(ctx.Done())
	c.shared.WaitForCacheSync(ctx.Done())
	atOnce(
		func() { slices.Run(ctx, workers) },
		func() { namespaces.Run(ctx, workers) },
		func() { replicas.Run(ctx, workers) },
		func() { deployments.Run(ctx, workers) },
		collectGarbage,
	)
	return nil
}

func newClients(kubeconfig string) (clients, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return clients{}, err
	}
	config.QPS, config.Burst = 500, 1000
	typed, err := kubernetes.NewForConfig(config)
	if err != nil {
		return clients{}, err
	}
	metadataClient, err := metadata.NewForConfig(config)
	return clients{typed, metadataClient, informers.NewSharedInformerFactory(typed, 0)}, err
}

// garbageCollection gives the function that deletes objects whose owners are gone; new kinds are found within 5 s.
func garbageCollection(ctx context.Context, c clients) (func(), error) {
	cached := memory.NewMemCacheClient(c.typed.Discovery())
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
	factory := informerfactory.NewInformerFactory(c.shared, metadatainformer.NewSharedInformerFactory(c.metadata, 0))
	started := make(chan struct{})
	close(started)
	collector, err := garbagecollector.NewGarbageCollector(ctx, c.typed, c.metadata, mapper,
		garbagecollector.DefaultIgnoredResources(), factory, started)
	if err != nil {
		return nil, err
	}
	return func() {
		atOnce(
			func() { collector.Run(ctx, workers, discoveryPeriod) },
			func() { collector.Sync(ctx, c.typed.Discovery(), discoveryPeriod) },
		)
	}, nil
}

// atOnce runs all and returns when the last has ended.
func atOnce(all ...func()) {
	var group sync.WaitGroup
	for _, one := range all {
		group.Go(one)
	}
	group.Wait()
}
