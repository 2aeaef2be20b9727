// What a record says, laid over a card or over another record: what it leaves out stays as it was. Pure.
#pragma once

#include <optional>
#include <string>

#include "domain/model_record.h"

namespace orchestra {

template <class T>
void lay(std::optional<T>& over, const std::optional<T>& said) {
  if (said) over = said;
}
template <class T>
void lay(T& over, const std::optional<T>& said) {
  if (said) over = *said;
}
inline void lay(std::string& over, const std::string& said) {
  if (!said.empty()) over = said;
}

inline void lay(Price& over, const Price& said) {
  for (const auto price : {&Price::input, &Price::output, &Price::cached_input, &Price::cache_write, &Price::reasoning,
                           &Price::audio_input, &Price::audio_output}) {
    lay(over.*price, said.*price);
  }
}

inline void lay(ClaimedPerformance& over, const ClaimedPerformance& said) {
  lay(over.first_content, said.first_content);
  lay(over.completion, said.completion);
  lay(over.tokens_per_second, said.tokens_per_second);
  lay(over.success_rate, said.success_rate);
  lay(over.quality, said.quality);
}

inline void lay(ModelLimits& over, const ModelLimits& said) {
  lay(over.output, said.output);
  lay(over.requests_per_minute, said.requests_per_minute);
  lay(over.tokens_per_minute, said.tokens_per_minute);
}

// The fields that cards and records share; `Fields` is ModelCard or ModelRecord.
template <class Fields>
void lay_shared(Fields& over, const ModelRecord& said) {
  for (const auto& [to, from] : {std::pair(&over.family, &said.family),
                                 {&over.version, &said.version},
                                 {&over.type, &said.type},
                                 {&over.description, &said.description},
                                 {&over.currency, &said.currency},
                                 {&over.quantization, &said.quantization},
                                 {&over.release_date, &said.release_date},
                                 {&over.deprecation_date, &said.deprecation_date},
                                 {&over.metadata, &said.metadata},
                                 {&over.configuration, &said.configuration}}) {
    lay(*to, *from);
  }
  lay(over.maturity, said.maturity);
  lay(over.active, said.active);
  lay(over.fast, said.fast);
  lay(over.on_gpu, said.on_gpu);
  lay(over.on_cpu, said.on_cpu);
  lay(over.skills, said.skills);
  lay(over.cost_per_token, said.cost_per_token);
  lay(over.megabytes, said.megabytes);
  lay(over.million_parameters, said.million_parameters);
  lay(over.claimed, said.claimed);
  lay(over.limits, said.limits);
  lay(over.tags, said.tags);
  lay(over.recommended_for, said.recommended_for);
  lay(over.not_recommended_for, said.not_recommended_for);
}

}  // namespace orchestra
