using System.Text;
using Laurel.Platform.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Http;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("1970-01-01t00:00:00z", 0)]
    [InlineData("1970-01-01T00:00:00-00:00", 0)]
    [InlineData("1970-01-01T08:00:00+08:00", 0)]
    [InlineData("1969-12-31T18:30:00-05:30", 0)]
    [InlineData("1970-01-01T00:00:00.5Z", 500_000)]
    [InlineData("1970-01-01T00:00:00.000001Z", 1)]
    [InlineData("1970-01-01T00:00:00.0000019Z", 1)]
    [InlineData("1970-01-01T00:00:00.123456789012Z", 123_456)]
    [InlineData("1969-12-31T23:59:59.9Z", -100_000)]
    [InlineData("2024-02-29T00:00:00Z", 1_709_164_800_000_000)]
    [InlineData("0001-01-01T00:00:00+23:59", -62_135_683_140_000_000)]
    [InlineData("9999-12-31T23:59:59-23:59", 253_402_387_139_000_000)]
    public void GivesTheInstant_When_TheTextIs(string text, long microseconds)
    {
        Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out var time).ShouldBeTrue();

        time.UnixMicroseconds.ShouldBe(microseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2025-09-18")]
    [InlineData("2025-09-18T10:00:00")]
    [InlineData("2025-09-18 10:00:00Z")]
    [InlineData("2025-09-18T10:00Z")]
    [InlineData("2025-09-18T10:00:00.Z")]
    [InlineData("2025-09-18T10:00:00,5Z")]
    [InlineData("2025-09-18T10:00:00+8:00")]
    [InlineData("2025-09-18T10:00:00+0800")]
    [InlineData("2025-09-18T10:00:00+24:00")]
    [InlineData("2025-09-18T10:00:00+08:60")]
    [InlineData("2025-09-18T10:00:00ZZ")]
    [InlineData("2025-09-18T10:00:00Z ")]
    [InlineData("2025-02-29T00:00:00Z")]
    [InlineData("2025-13-01T00:00:00Z")]
    [InlineData("2025-00-01T00:00:00Z")]
    [InlineData("2025-01-00T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2025-01-01T24:00:00Z")]
    [InlineData("2016-12-31T23:59:60Z")]
    [InlineData("+2025-01-01T00:00:00Z")]
    [InlineData("２０２５-01-01T00:00:00Z")]
    [InlineData("2025-01-01T00:00:00.1234567890123456789Z")]
    public void Refuses_When_TheTextIs(string text) =>
        Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out _).ShouldBeFalse();
}
