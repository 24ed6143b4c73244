// Command controlplane is the lab's Kubernetes in one file: etcd, kube-apiserver, kube-proxy, kubectl and the
// controllers that Services need (Deployments to Pods to EndpointSlices, garbage collection, removal of namespaces). Which of them runs is
// said by the name it is called by, or by its first argument. One binary instead of five: their file pages are shared.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"

	genericapiserver "k8s.io/apiserver/pkg/server"
)

var programs = map[string]func(){
	"etcd":             func() { etcdmain.Main(os.Args) },
	"kube-apiserver":   func() { os.Exit(cli.Run(apiserver.NewAPIServerCommand())) },
	"kube-proxy":       func() { os.Exit(cli.Run(proxy.NewProxyCommand())) },
	"kubectl":          func() { os.Exit(cli.Run(kubectl.NewDefaultKubectlCommand())) },
	"kube-controllers": func() { os.Exit(cli.Run(controllersCommand())) },
}

func main() {
	name := filepath.Base(os.Args[0])
	if _, known := programs[name]; !known && len(os.Args) > 1 {
		name = os.Args[1]
		os.Args = append([]string{name}, os.Args[2:]...)
	}
	run, known := programs[name]
	if !known {
		fmt.Fprintln(os.Stderr, "usage: controlplane etcd|kube-apiserver|kube-proxy|kube-controllers|kubectl [flags]")
		os.Exit(2)
	}
	run()
}

func controllersCommand() *cobra.Command {
	var kubeconfig string
	command := &cobra.Command{
		Use:   "kube-controllers",
		Short: "The deployment, replicaset, endpointslice, garbage collector and namespace controllers",
		RunE: func(*cobra.Command, []string) error {
			return runControllers(genericapiserver.SetupSignalContext(), kubeconfig)
		},
	}
	command.Flags().StringVar(&kubeconfig, "kubeconfig", "", "file that says where the API server is and who calls")
	return command
}
