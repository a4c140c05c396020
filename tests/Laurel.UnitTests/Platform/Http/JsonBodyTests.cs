using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Http;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Http;

public sealed class JsonBodyTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("   ", 3)]
    [InlineData("{", 1)]
    [InlineData("{\"points\":}", 10)]
    [InlineData("{\"points\":1,}", 12)]
    [InlineData("{\"points\":01}", 11)]
    [InlineData("{\"points\":1} {}", 13)]
    [InlineData("{\"points\":1}//x", 12)]
    [InlineData("{'points':1}", 1)]
    [InlineData("{\"points\":NaN}", 10)]
    [InlineData("{\"other\":\"a\tb\"}", 9)]
    [InlineData("{\"other\":\"\\x\"}", 9)]
    public async Task IsMalformed_When_ItIsNotOneJsonValue(string body, int near)
    {
        var result = await ReadAsync(HttpScenario.Post(body));

        var refusal = result.Failure.ShouldNotBeNull().Refusal;
        refusal.Code.ShouldBe("BODY_MALFORMED");
        Math.Abs(Convert.ToInt32(refusal.Values["offset"]) - near).ShouldBeLessThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(new byte[] { (byte)'{', (byte)'"', 0xC3, 0x28, (byte)'"', (byte)':', (byte)'1', (byte)'}' }, 2)]
    [InlineData(new byte[] { 0xFE, 0xFF, 0x00, 0x7B }, 0)]
    [InlineData(new byte[] { (byte)'"', 0xED, 0xA0, 0x80, (byte)'"' }, 1)]
    [InlineData(new byte[] { (byte)'"', 0xC0, 0x80, (byte)'"' }, 1)]
    public async Task IsMalformed_When_ItIsNotUtf8(byte[] body, long offset)
    {
        var result = await ReadAsync(HttpScenario.Post(body));

        var refusal = result.Failure.ShouldNotBeNull().Refusal;
        (refusal.Code, refusal.Values["offset"]).ShouldBe(("BODY_MALFORMED", offset));
    }

    [Theory]
    [InlineData(31, null)]
    [InlineData(32, "BODY_MALFORMED")]
    [InlineData(5_000, "BODY_MALFORMED")]
    public async Task IsMalformed_When_NestedTooDeep(int arrays, string? code)
    {
        var body = $"{{\"points\":1,\"other\":{new string('[', arrays)}{new string(']', arrays)}}}";

        var result = await ReadAsync(HttpScenario.Post(body));

        (result.Failure?.Refusal.Code).ShouldBe(code);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public async Task IsRefusedAtTheRoot_When_ItIsNoObject(string body)
    {
        var faults = await HttpScenario.FaultsOfAsync(body, fields => fields.Integer("points", 0, 9));

        faults.ShouldBe(["WRONG_TYPE "]);
    }

    [Fact]
    public async Task IsRead_When_AByteOrderMarkLeads()
    {
        byte[] body = [0xEF, 0xBB, 0xBF, .. "{\"points\":5}"u8];

        var result = await ReadAsync(HttpScenario.Post(body));

        result.Value.ShouldBe(5);
        result.BodyHash.ShouldBe(Hash128.Of("{\"points\":5}"u8));
    }

    [Theory]
    [InlineData("application/json", null)]
    [InlineData("Application/JSON", null)]
    [InlineData("application/json; charset=utf-8", null)]
    [InlineData("application/json; charset=\"UTF-8\"", null)]
    [InlineData("application/json; profile=x", null)]
    [InlineData(null, "MEDIA_TYPE_UNSUPPORTED")]
    [InlineData("", "MEDIA_TYPE_UNSUPPORTED")]
    [InlineData("json", "MEDIA_TYPE_UNSUPPORTED")]
    [InlineData("text/plain", "MEDIA_TYPE_UNSUPPORTED")]
    [InlineData("application/json; charset=utf-16", "MEDIA_TYPE_UNSUPPORTED")]
    [InlineData("application/cloudevents+json", "MEDIA_TYPE_UNSUPPORTED")]
    public async Task DependsOnTheMediaType_When_OneIs(string? contentType, string? code)
    {
        var result = await ReadAsync(HttpScenario.Post("{\"points\":5}"u8.ToArray(), contentType));

        (result.Failure?.Refusal.Code).ShouldBe(code);
    }

    [Theory]
    [InlineData("identity", null)]
    [InlineData("gzip", "MEDIA_TYPE_UNSUPPORTED")]
    [InlineData("br", "MEDIA_TYPE_UNSUPPORTED")]
    public async Task IsRefused_When_ItIsCompressed(string encoding, string? code)
    {
        var context = HttpScenario.Post("{\"points\":5}");
        context.Request.Headers.ContentEncoding = encoding;

        var result = await ReadAsync(context);

        (result.Failure?.Refusal.Code).ShouldBe(code);
    }

    [Theory]
    [InlineData(100, 100, null)]
    [InlineData(101, 100, "BODY_TOO_LARGE")]
    [InlineData(300_000, 300_000, null)]
    [InlineData(300_001, 300_000, "BODY_TOO_LARGE")]
    public async Task IsBounded_When_ItHasBytes(int bytes, long bytesMax, string? code)
    {
        var body = "{\"points\":5" + new string(' ', bytes - 12) + "}";
        var result = await ReadAsync(HttpScenario.Post(body), new BodyRules { BytesMax = bytesMax });

        (result.Failure?.Refusal.Code).ShouldBe(code);
        (result.Failure?.Refusal.Values["bytesMax"]).ShouldBe(code is null ? null : bytesMax);
    }

    [Fact]
    public async Task IsRefusedUnread_When_TheLengthIsAnnouncedTooLarge()
    {
        var context = HttpScenario.Post("{\"points\":5}");
        context.Request.ContentLength = JsonBody.BodyBytesMax + 1;

        var result = await ReadAsync(context);

        (result.Failure?.Refusal.Code).ShouldBe("BODY_TOO_LARGE");
        context.Request.Body.Position.ShouldBe(0);
    }

    [Fact]
    public async Task IsReadWhole_When_ItComesInSmallPieces()
    {
        var text = string.Concat(Enumerable.Repeat("积分", 20_000));
        var context = HttpScenario.Post($"{{\"text\":\"{text}\",\"points\":5}}");
        context.Request.Body = new TricklingStream(context.Request.Body, 1_001);

        var result = await JsonBody.ReadAsync(
            context,
            BodyRules.Default,
            fields => (fields.Text("text", 50_000), fields.Integer("points", 1, 9)),
            CancellationToken.None);

        result.Value.ShouldBe((text, 5));
    }

    [Theory]
    [InlineData(StatusCodes.Status413PayloadTooLarge, "BODY_TOO_LARGE")]
    [InlineData(StatusCodes.Status400BadRequest, "BODY_MALFORMED")]
    public async Task IsARefusal_When_TheServerBreaksOff(int status, string code)
    {
        var context = HttpScenario.Post("{}");
        context.Request.Body = new BrokenStream(new BadHttpRequestException("broken", status));

        var result = await ReadAsync(context);

        (result.Failure?.Refusal.Code).ShouldBe(code);
    }

    [Fact]
    public async Task HashesTheBytesAsSent_When_Asked()
    {
        var hashed = await ReadAsync(HttpScenario.Post("{\"points\": 5}"));
        var unhashed = await ReadAsync(HttpScenario.Post("{\"points\": 5}"), new BodyRules { Hashed = false });

        hashed.BodyHash.ShouldBe(Hash128.Of("{\"points\": 5}"u8));
        unhashed.BodyHash.ShouldBe(default);
    }

    [Fact]
    public async Task HasNoValue_When_ItFailed()
    {
        var result = await ReadAsync(HttpScenario.Post("{}"));

        Should.Throw<InvariantBrokenException>(() => result.Value);
    }

    [Fact]
    public async Task StopsCollecting_When_FaultsAreCountless()
    {
        var body = "[" + string.Join(',', Enumerable.Repeat("{}", 500)) + "]";

        var result = await JsonBody.ReadListAsync(
            HttpScenario.Post(body),
            BodyRules.Default,
            1_000,
            fields => fields.Integer("points", 1, 9),
            CancellationToken.None);

        result.Failure.ShouldNotBeNull().Errors.Count.ShouldBe(100);
    }

    private static ValueTask<BodyRead<long>> ReadAsync(HttpContext context, BodyRules? rules = null) =>
        JsonBody.ReadAsync(
            context,
            rules ?? BodyRules.Default,
            fields => fields.Integer("points", 1, 9),
            CancellationToken.None);

    private sealed class TricklingStream(Stream inner, int bytesMax) : DelegatedStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer[..Math.Min(buffer.Length, bytesMax)], cancellationToken);
    }

    private sealed class BrokenStream(Exception exception) : DelegatedStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(exception);
    }

    private abstract class DelegatedStream : MemoryStream;
}
