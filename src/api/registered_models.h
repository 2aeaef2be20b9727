// /api/models: README 002's page and records, and README 001's list and upsert on the path with a slash
// (CONTRACTS 6.2).
//
//   GET /api/models       002's page; with type_filter 001's bare array
//   GET /api/models/      001's bare array; with one of 002's parameters its page
//   POST to either        002's creation for a body with provider and capabilities, 001's upsert for one with type,
//                         name and version; of any other the slash decides
//   GET, PUT, DELETE /api/models/{model_id}
//
// Writing needs an administrator. A listener of surface 001 answers one model in 001's form. A PUT on a model that its
// provider lists makes its first record; a DELETE drops the record, and the model stays while its provider lists it.
#pragma once

#include "api/model_scene.h"
#include "api/router.h"

namespace orchestra {

void add_registered_model_routes(Router& router, const ModelScene& scene);

// The id of the record that README 001's calls mean: that of the catalogue's model of the name, else `provider`'s, or
// this machine's when that is empty.
ModelId id_for(const Catalogue& catalogue, std::string_view name, std::string_view provider);

}  // namespace orchestra
