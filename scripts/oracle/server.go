// The Kubernetes API server as far as custom resources go, by itself, with etcd behind it: whoever reaches it may do everything, so it listens on the
// loopback only (docs/decisions/0058).
package main

import (
	"context"
	"flag"
	"net"
	"net/http"
	"os"

	"go.opentelemetry.io/otel/trace/noop"
	extensionsapiserver "k8s.io/apiextensions-apiserver/pkg/apiserver"
	"k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	generatedopenapi "k8s.io/apiextensions-apiserver/pkg/generated/openapi"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	openapinamer "k8s.io/apiserver/pkg/endpoints/openapi"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/util/openapi"
	"k8s.io/apiserver/pkg/util/webhook"
)

func main() {
	etcd := flag.String("etcd", "http://127.0.0.1:2379", "where etcd listens")
	listen := flag.String("listen", "127.0.0.1:6443", "address of the loopback")
	dir := flag.String("dir", "certificates", "folder for the certificate that it makes itself")
	flag.Parse()
	o := options.NewCustomResourceDefinitionsServerOptions(os.Stdout, os.Stderr)
	r := o.RecommendedOptions
	r.Authentication, r.Authorization, r.CoreAPI, r.Admission = nil, nil, nil, nil
	r.Features.EnablePriorityAndFairness = false
	r.Etcd.StorageConfig.Transport.ServerList = []string{*etcd}
	ln, err := net.Listen("tcp", *listen)
	check(err)
	r.SecureServing.Listener = ln
	r.SecureServing.BindPort = ln.Addr().(*net.TCPAddr).Port
	r.SecureServing.ServerCert.CertDirectory = *dir
	r.SecureServing.ExternalAddress = ln.Addr().(*net.TCPAddr).IP
	check(o.APIEnablement.RuntimeConfig.Set("api/all=true"))
	check(o.Complete())
	check(r.SecureServing.MaybeDefaultWithSelfSignedCerts("localhost", nil, []net.IP{net.ParseIP("127.0.0.1")}))
	generic := genericapiserver.NewRecommendedConfig(extensionsapiserver.Codecs)
	check(o.ServerRunOptions.ApplyTo(&generic.Config))
	check(r.ApplyTo(generic))
	check(o.APIEnablement.ApplyTo(&generic.Config, extensionsapiserver.DefaultAPIResourceConfigSource(), extensionsapiserver.Scheme))
	config := &extensionsapiserver.Config{
		GenericConfig: generic,
		ExtraConfig: extensionsapiserver.ExtraConfig{
			CRDRESTOptionsGetter: options.NewCRDRESTOptionsGetter(*r.Etcd, generic.ResourceTransformers, generic.StorageObjectCountTracker),
			ServiceResolver:      webhook.NewDefaultServiceResolver(),
			AuthResolverWrapper:  webhook.NewDefaultAuthenticationInfoResolverWrapper(nil, nil, generic.LoopbackClientConfig, noop.NewTracerProvider()),
		},
	}
	defs := openapi.GetOpenAPIDefinitionsWithoutDisabledFeatures(generatedopenapi.GetOpenAPIDefinitions)
	config.GenericConfig.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(defs, openapinamer.NewDefinitionNamer(extensionsapiserver.Scheme))
	config.GenericConfig.OpenAPIConfig = genericapiserver.DefaultOpenAPIConfig(defs, openapinamer.NewDefinitionNamer(extensionsapiserver.Scheme))
	config.GenericConfig.OpenAPIConfig.Info.Title = "Kubernetes"
	config.GenericConfig.Authentication.Authenticator = authenticator.RequestFunc(func(req *http.Request) (*authenticator.Response, bool, error) {
		return &authenticator.Response{User: &user.DefaultInfo{Name: "admin", Groups: []string{"system:masters", "system:authenticated"}}}, true, nil
	})
	config.GenericConfig.Authorization.Authorizer = authorizerfactory.NewAlwaysAllowAuthorizer()
	completed := config.Complete()
	completed.GenericConfig.EnableDiscovery = true
	server, err := completed.New(genericapiserver.NewEmptyDelegate())
	check(err)
	check(server.GenericAPIServer.PrepareRun().RunWithContext(context.Background()))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
