// Figures as people read them.
#pragma once

namespace orchestra {

// To six significant digits, so that what was computed in binary is written without its noise: 0.3 for
// 0.30000000000000004, and for a float's 0.30000001192092896.
double rounded(double value) noexcept;

}  // namespace orchestra
