#include "api/model_inference.h"

#include <fmt/format.h>

#include "api/inference_answer.h"
#include "gateway/fan_out.h"

namespace orchestra {
namespace {

// Several inferences of one request, answered side by side.
class Answering {
 public:
  Answering(ApiRequest& request, const AskingParts& parts, std::vector<Inference> inferences)
      : request_(request), parts_(parts), inferences_(std::move(inferences)), answers_(inferences_.size()) {}

  Task<void> run() {
    std::vector<Job> jobs;
    for (std::size_t i = 0; i < inferences_.size(); ++i) jobs.emplace_back([this, i] { return answer(i); });
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
    const Inference& inference = inferences_[index];
    MemberAsker asker(request_, parts_, inference);
    CO_TRY(auto reply, co_await asker.ask({.model = inference.model}));
    if (reply.error) reply.error = in_inference_words(std::move(*reply.error));
    answers_[index] = reply.error ? failed_json(reply) : answer_json(*parts_.snapshots.catalogue, inference, reply);
    co_return Result<void>();
  }

  ApiRequest& request_;
  const AskingParts& parts_;
  const std::vector<Inference> inferences_;
  std::vector<std::string> answers_;  // by index; JSON
};

std::unexpected<Error> wrong(std::string_view param, std::string what) {
  return fail(Error{
      .fault = Fault::kUnprocessable, .what = std::move(what), .code = "invalid_request", .param = std::string(param)});
}

Result<std::vector<Inference>> read_batch(std::string_view text, const Catalogue& catalogue) {
  TRY(const auto value, parse_json(text));
  const json::array* entries = value.if_array();
  if (entries == nullptr || entries->empty() || entries->size() > kMostInferences) {
    return wrong("", fmt::format("The body must be an array of 1 to {} inference requests.", kMostInferences));
  }
  std::vector<Inference> inferences;
  for (std::size_t i = 0; i < entries->size(); ++i) {
    if (!(*entries)[i].is_object()) return wrong("", fmt::format("Entry {} must be an object.", i));
    JsonBody body((*entries)[i]);
    auto inference = read_inference(body, "", catalogue);
    if (!inference) {
      inference.error().what = fmt::format("Entry {}: {}", i, inference.error().what);
      return std::unexpected(std::move(inference).error());
    }
    inferences.push_back(std::move(*inference));
  }
  return inferences;
}

Result<std::vector<Inference>> read_parallel(std::string_view text, const Catalogue& catalogue) {
  TRY(auto body, JsonBody::parse(text));
  const auto models = body.optional_texts("model_ids");
  auto nested = body.optional_object("request");
  TRY_VOID(body.check());
  if (models.empty() || models.size() > kMostInferences) {
    return wrong("model_ids",
                 fmt::format("The member \"model_ids\" must be an array of 1 to {} model names.", kMostInferences));
  }
  std::vector<Inference> inferences;
  TRY(const auto inference, read_inference(nested ? *nested : body, "auto", catalogue));
  for (const std::string& model : models) inferences.emplace_back(inference).model = model;
  return inferences;
}

using Read = Result<std::vector<Inference>> (*)(std::string_view text, const Catalogue& catalogue);

Task<void> run_several(ApiRequest& request, AskingParts parts, Read read) {
  auto inferences = read(request.http().body, *parts.snapshots.catalogue);
  if (!inferences) co_return co_await respond_error(request, inferences.error(), parts.clock);
  Answering answering(request, parts, std::move(*inferences));
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
