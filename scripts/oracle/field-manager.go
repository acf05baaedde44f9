// The field manager of a Kubernetes API server, by itself: it answers each line of JSON with one (docs/decisions/0058).
package main

import (
	"bufio"
	"encoding/json"
	"os"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// ask is a write, or the schemas that the next writes follow.
type ask struct {
	Schemas      map[string]*spec.Schema
	Op           string // apply, update
	Live, Object map[string]interface{}
	Manager      string
	Force        bool
	Subresource  string
}

// plain stands in for a scheme: one version, no defaults.
type plain struct{ runtime.ObjectConvertor }

func (plain) ConvertToVersion(in runtime.Object, _ runtime.GroupVersioner) (runtime.Object, error) {
	return in, nil
}
func (plain) Default(runtime.Object) {}
func (plain) New(kind schema.GroupVersionKind) (runtime.Object, error) {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(kind)
	return u, nil
}

// Of no subresource all but status is written, of status nothing else.
var unwritten = map[string]*fieldpath.Set{
	"":       fieldpath.NewSet(fieldpath.MakePathOrDie("status")),
	"status": fieldpath.NewSet(fieldpath.MakePathOrDie("metadata"), fieldpath.MakePathOrDie("spec")),
}

func main() {
	lines := bufio.NewReader(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	var types managedfields.TypeConverter
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var a ask
		if err := json.Unmarshal(line, &a); err != nil {
			panic(err)
		}
		if a.Schemas != nil {
			if types, err = managedfields.NewTypeConverter(a.Schemas, false); err != nil {
				panic(err)
			}
			continue
		}
		object, err := write(types, a)
		switch status := err.(type) {
		case nil:
			answers.Encode(map[string]interface{}{"object": object})
		case apierrors.APIStatus:
			answers.Encode(map[string]interface{}{"refused": err.Error(), "causes": status.Status().Details.Causes})
		default:
			answers.Encode(map[string]interface{}{"refused": err.Error()})
		}
	}
}

func write(types managedfields.TypeConverter, a ask) (map[string]interface{}, error) {
	live := &unstructured.Unstructured{Object: whole(a.Live).(map[string]interface{})}
	object := &unstructured.Unstructured{Object: whole(a.Object).(map[string]interface{})}
	kind := object.GroupVersionKind()
	filters := map[fieldpath.APIVersion]fieldpath.Filter{
		fieldpath.APIVersion(kind.GroupVersion().String()): fieldpath.NewExcludeSetFilter(unwritten[a.Subresource]),
	}
	manager, err := managedfields.NewDefaultCRDFieldManager(types, plain{}, plain{}, plain{}, kind, kind.GroupVersion(), a.Subresource, filters)
	if err != nil {
		return nil, err
	}
	var written runtime.Object
	if a.Op == "apply" {
		written, err = manager.Apply(live, object, a.Manager, a.Force)
	} else {
		written, err = manager.Update(live, object, a.Manager)
	}
	if err != nil {
		return nil, err
	}
	return written.(*unstructured.Unstructured).Object, nil
}

// whole has int64 for whole numbers, as the server decodes them.
func whole(value interface{}) interface{} {
	switch v := value.(type) {
	case map[string]interface{}:
		for key := range v {
			v[key] = whole(v[key])
		}
	case []interface{}:
		for n := range v {
			v[n] = whole(v[n])
		}
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return value
}
