// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sotto::protocol {

/// What shapes a ciphertext on the wire: BFV with two coefficient moduli, each coefficient in eight bytes, the whole
/// compressed by Zstandard.
struct CiphertextParameters {
    int polynomial_degree = 4096;
    int first_modulus_bits = 60;
    int second_modulus_bits = 49;
    int plain_modulus_bits = 42;  ///< bits of the plaintext modulus itself: 42 for the ring of 2^41
    bool plain_is_power_of_two = true;
};

/// Bytes of a serialised ciphertext, header included.
///
/// Up: one polynomial over both moduli; the other is replaced by the seed it is drawn from. Down: two polynomials over
/// the first modulus (Huang et al., "Cheetah", USENIX Security 2022, section 3): of
/// the first only the coefficients that hold results are kept, the others are set to zero, and the low bits that do
/// not change the decryption are cleared in both. Compression turns that into the entropy of the bytes: a coefficient
/// is written in eight bytes with its unused bits zero, zero runs cost nothing, and one Huffman table codes the rest.
/// So the size is the entropy of the byte distribution, and three constants on top: see ciphertext_sizes.cpp.
class CiphertextSizes {
  public:
    explicit CiphertextSizes(const CiphertextParameters& parameters);

    double upload_bytes() const noexcept { return upload_bytes_; }

    /// kept: coefficients that hold results, 0 to the polynomial degree. isolated: as many of them as have no kept
    /// neighbour before them.
    double download_bytes(double kept, double isolated) const noexcept {
        return download_constant_ + kept * (download_linear_ + kept * download_quadratic_) +
               bytes_of_isolated * isolated;
    }

  private:
    static constexpr double bytes_of_isolated = 1.8;  // one match of the compressor more

    double upload_bytes_;
    double download_constant_;
    double download_linear_;
    double download_quadratic_;
};

}  // namespace sotto::protocol
