#include "api/model_inference.h"

#include <fmt/format.h>

#include "api/inference_answer.h"
#include "gateway/fan_out.h"

namespace orchestra {
namespace {

// Either as many inferences as models, or one that all models are asked: it may be large.
struct InferenceList {
  std::vector<Inference> inferences;
  std::vector<std::string> models;
};

// Several inferences of one request, answered side by side.
class Answering {
 public:
  Answering(ApiRequest& request, const AskingParts& parts, InferenceList list)
      : request_(request), parts_(parts), list_(std::move(list)), answers_(list_.models.size()) {}

  Task<void> run() {
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < list_.models.size(); ++i) jobs.emplace_back([this, i] { return answer(i); });
    CO_TRY_VOID(co_await fan_out(std::move(jobs), parts_.clock, {.limit = kAtOnce, .until = {}, .enough = {}}));
    std::string body;
    JsonWriter writer(body);
    writer.begin_array();
    for (const std::string& one : answers_) writer.raw(one);
    writer.end_array();
    co_return co_await respond_json(request_, 200, std::move(body));
  }

 private:
  Task<void> answer(std::size_t index) {
    const Inference& inference = list_.inferences[list_.inferences.size() == 1 ? 0 : index];
    MemberAsker asker(request_, parts_, inference);
    CO_TRY(auto reply, co_await asker.ask({.model = list_.models[index]}));
    if (reply.error) reply.error = in_inference_words(std::move(*reply.error));
    answers_[index] = reply.error ? failed_json(reply) : answer_json(*parts_.snapshots.catalogue, inference, reply);
    co_return Result<void>();
  }

  ApiRequest& request_;
  const AskingParts& parts_;
  const InferenceList list_;
  std::vector<std::string> answers_;  // by index; JSON
};

std::unexpected<Error> wrong(std::string_view param, std::string what) {
  return fail(Error{
      .fault = Fault::kUnprocessable, .what = std::move(what), .code = "invalid_request", .param = std::string(param)});
}

Result<InferenceList> read_batch(std::string_view text, const Catalogue& catalogue) {
  TRY(const auto value, parse_json(text));
  const json::array* entries = value.if_array();
  if (entries == nullptr || entries->empty() || entries->size() > kMostInferences) {
    return wrong("", fmt::format("The body must be an array of 1 to {} inference requests.", kMostInferences));
  }
  InferenceList list;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    if (!(*entries)[i].is_object()) return wrong("", fmt::format("Entry {} must be an object.", i));
    JsonBody body((*entries)[i]);
    auto inference = read_inference(body, "", catalogue);
    if (!inference) {
      inference.error().what = fmt::format("Entry {}: {}", i, inference.error().what);
      return std::unexpected(std::move(inference).error());
    }
    list.models.push_back(inference->model);
    list.inferences.push_back(std::move(*inference));
  }
  return list;
}

Result<InferenceList> read_parallel(std::string_view text, const Catalogue& catalogue) {
  TRY(auto body, JsonBody::parse(text));
  auto models = body.optional_texts("model_ids");
  auto nested = body.optional_object("request");
  TRY_VOID(body.check());
  if (models.empty() || models.size() > kMostInferences) {
    return wrong("model_ids",
                 fmt::format("The member \"model_ids\" must be an array of 1 to {} model names.", kMostInferences));
  }
  TRY(auto inference, read_inference(nested ? *nested : body, "auto", catalogue));
  InferenceList list{.inferences = {}, .models = std::move(models)};
  list.inferences.push_back(std::move(inference));
  return list;
}

using Read = Result<InferenceList> (*)(std::string_view text, const Catalogue& catalogue);

Task<void> run_several(ApiRequest& request, AskingParts parts, Read read) {
  auto list = read(request.http().body, *parts.snapshots.catalogue);
  if (!list) co_return co_await respond_error(request, list.error(), parts.clock);
  Answering answering(request, parts, std::move(*list));
  co_return co_await answering.run();
}

Task<void> run_one(ApiRequest& request, AskingParts parts) {
  auto body = JsonBody::parse(request.http().body);
  if (!body) co_return co_await respond_error(request, body.error(), parts.clock);
  const auto inference = read_inference(*body, "", *parts.snapshots.catalogue);
  if (!inference) co_return co_await respond_error(request, inference.error(), parts.clock);
  MemberAsker asker(request, parts, *inference, request.id);
  CO_TRY(auto reply, co_await asker.ask({.model = inference->model}));
  if (reply.error) {
    co_return co_await respond_error(request, in_inference_words(std::move(*reply.error)), parts.clock);
  }
  co_return co_await respond_json(request, 200, answer_json(*parts.snapshots.catalogue, *inference, reply));
}

}  // namespace

void add_model_inference_routes(Router& router, const AskingParts& parts) {
  router.add("POST", "/api/inference/", [parts](ApiRequest& request) { return run_one(request, parts); });
  router.add("POST", "/api/inference/batch",
             [parts](ApiRequest& request) { return run_several(request, parts, read_batch); });
  router.add("POST", "/api/inference/parallel",
             [parts](ApiRequest& request) { return run_several(request, parts, read_parallel); });
}

Error in_inference_words(Error error) {
  if (error.param == "model") error.param = "model_id";
  return error;
}

}  // namespace orchestra
