#include "host/gpu_probe.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <array>

namespace orchestra::host {
namespace {

constexpr int kSuccess = 0;  // nvmlReturn_t NVML_SUCCESS

struct NvmlDevice;  // nvmlDevice_t points to it
struct NvmlMemory {
  unsigned long long total, free, used;
};

}  // namespace

struct NvmlProbe::Calls {
  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*handle)(unsigned, NvmlDevice**) = nullptr;
  int (*name)(NvmlDevice*, char*, unsigned) = nullptr;
  int (*memory)(NvmlDevice*, NvmlMemory*) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
};

NvmlProbe::NvmlProbe(const std::string& library) {
  library_ = ::dlopen(library.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library_ == nullptr) {
    detail_ = "No NVIDIA driver is installed.";
    return;
  }
  calls_ = std::make_unique<Calls>();
  if (!resolve()) {
    detail_ = "The NVIDIA driver is too old to be asked.";
    calls_.reset();
    return;
  }
  if (const int error = calls_->init(); error != kSuccess) {
    detail_ = fmt::format("The NVIDIA driver does not answer (error {}).", error);
    calls_.reset();
    return;
  }
  std::array<char, 96> version{};
  calls_->driver(version.data(), version.size() - 1);
  detail_ = fmt::format("NVIDIA driver {}.", version.data());
}

NvmlProbe::~NvmlProbe() {
  if (calls_) calls_->shutdown();
  if (library_ != nullptr) ::dlclose(library_);
}

bool NvmlProbe::resolve() {
  const auto find = [&](auto& call, const char* name) {
    call = reinterpret_cast<std::remove_reference_t<decltype(call)>>(::dlsym(library_, name));
    return call != nullptr;
  };
  return find(calls_->init, "nvmlInit_v2") && find(calls_->shutdown, "nvmlShutdown") &&
         find(calls_->count, "nvmlDeviceGetCount_v2") && find(calls_->handle, "nvmlDeviceGetHandleByIndex_v2") &&
         find(calls_->name, "nvmlDeviceGetName") && find(calls_->memory, "nvmlDeviceGetMemoryInfo") &&
         find(calls_->driver, "nvmlSystemGetDriverVersion");
}

std::vector<GpuDevice> NvmlProbe::devices() {
  std::vector<GpuDevice> found;
  unsigned count = 0;
  if (!calls_ || calls_->count(&count) != kSuccess) return found;
  for (unsigned i = 0; i < count; ++i) {
    NvmlDevice* device = nullptr;
    NvmlMemory memory{};
    std::array<char, 96> name{};
    // A GPU that fell off the bus answers with an error; the others still serve.
    if (calls_->handle(i, &device) != kSuccess || calls_->memory(device, &memory) != kSuccess) continue;
    calls_->name(device, name.data(), name.size() - 1);
    found.push_back({static_cast<int>(i), name.data(), Bytes(static_cast<std::int64_t>(memory.total)),
                     Bytes(static_cast<std::int64_t>(memory.free))});
  }
  return found;
}

}  // namespace orchestra::host
