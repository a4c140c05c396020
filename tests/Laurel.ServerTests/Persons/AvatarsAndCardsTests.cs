using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.ServerTests.Tenants;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Persons;

/// <summary>Pictures and cards of members, and changes of many of them, over HTTP.</summary>
public sealed class AvatarsAndCardsTests(DatabaseServers cluster)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The smallest WebP picture there is, with a place in it where it was taken.</summary>
    private static byte[] WebP { get; } = Riff(
        Chunk("VP8X", 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0), Chunk("VP8L", 0x2F, 0, 0, 0, 0x10, 0x88, 0x88, 0x08), Chunk("EXIF", Encoding.ASCII.GetBytes("GPS 31.2304N")));

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreShownAndForgotten_When_MembersSendTheirPictures(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        (site.Environment["Jobs__cancellations"], site.Environment["Jobs__files"]) = ("1", "1");
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await SetCoolingOffAsync(server);
        var (one, other) = (await server.SignUpAsync("pictured"), await server.SignUpAsync("stranger"));

        var sent = await PutAvatarAsync(server, one.Token, "/api/members/me/avatar", WebP, "image/png");
        (sent.Status, sent.TextOf("memberId"), sent.NumberOf("version")).ShouldBe((200, one.Id, 1));
        var path = sent.TextOf("avatar").ShouldNotBeNull();
        path.ShouldMatch(@"^/files/[0-9a-f]{32}\.webp$");
        (await server.GetAsAsync(one.Token, "/api/members/me")).Json.GetProperty("profile").GetProperty("avatar").GetString().ShouldBe(path);
        using (var shown = await RawAsync(server, path))
        {
            shown.Content.Headers.ContentType!.MediaType.ShouldBe("image/webp");
            shown.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            shown.Headers.GetValues("Content-Security-Policy").ShouldBe(["default-src 'none'; frame-ancestors 'none'; sandbox"]);
            shown.Headers.CacheControl!.ToString().ShouldContain("immutable");
            var bytes = await shown.Content.ReadAsByteArrayAsync(Cancellation);
            Encoding.ASCII.GetString(bytes).ShouldNotContain("GPS");
            bytes.Length.ShouldBeLessThan(WebP.Length);
        }

        (await PutAvatarAsync(server, one.Token, "/api/members/me/avatar", WebP, "text/html")).Outcome.ShouldBe("415 MEDIA_TYPE_UNSUPPORTED");

        // Nobody sends one for another, and nothing but a picture is one.
        (await PutAvatarAsync(server, one.Token, $"/api/members/{other.Id}/avatar", WebP)).Status.ShouldBe(403);
        (await PutAvatarAsync(server, one.Token, "/api/members/me/avatar", "<svg onload='alert(1)'/>"u8.ToArray())).Outcome.ShouldBe("422 PICTURE_UNREADABLE");
        (await PutAvatarAsync(server, one.Token, "/api/members/me/avatar", [])).Outcome.ShouldBe("422 PICTURE_UNREADABLE");
        var huge = Riff(Chunk("VP8L", 0x2F, 0xFF, 0xFF, 0xFF, 0x0F));
        (await PutAvatarAsync(server, one.Token, "/api/members/me/avatar", huge)).Outcome.ShouldBe("422 PICTURE_TOO_LARGE");
        (await PutAvatarAsync(server, one.Token, "/api/members/me/avatar", new byte[(2 * 1024 * 1024) + 1])).Outcome.ShouldBe("413 BODY_TOO_LARGE");
        var tricks = new[] { "..%2flaurel.db", "%2e%2e%2fkeys%2fmaster.json", path[7..9], path[7..].ToUpperInvariant(), "x.png" };
        foreach (var trick in tricks.Select(trick => "/files/" + trick))
        {
            (await server.GetAsync(trick)).Status.ShouldBe(404, trick);
        }

        // What is replaced, cleared or left behind by who leaves is removed.
        var second = (await PutAvatarAsync(server, one.Token, "/api/members/me/avatar", WebP)).TextOf("avatar")!;
        await IsGoneAsync(server, path);
        (await server.GetAsync(second)).Status.ShouldBe(200);
        (await server.AsAsync(one.Token, HttpMethod.Put, "/api/members/me", new { avatar = "https://img.example.org/me.png" })).Outcome.ShouldBe("200");
        await IsGoneAsync(server, second);
        var third = (await PutAvatarAsync(server, one.Token, "/api/members/me/avatar", WebP)).TextOf("avatar")!;
        await site.VerifyAsync(Cancellation);
        (await server.AsAsync(one.Token, HttpMethod.Delete, "/api/members/me")).Status.ShouldBe(200);
        await IsGoneAsync(server, third);
        Directory.EnumerateFiles(Path.Combine(site.DataFolder, "files"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreKnownOnce_When_TillsScanTheirCards(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var elsewhere = await server.NewTenantAsync("elsewhere");
        var (one, other) = (await server.SignUpAsync("carded"), await server.SignUpAsync("watcher"));

        var card = await server.GetAsAsync(one.Token, "/api/members/me/card");
        var code = card.TextOf("code").ShouldNotBeNull();
        (card.Status, card.TextOf("memberId"), card.Json.GetProperty("level").GetProperty("code").GetString()).ShouldBe((200, one.Id, "bronze"));
        (card.Json.GetProperty("expiresAt").GetDateTimeOffset() - card.Json.GetProperty("refreshAt").GetDateTimeOffset()).ShouldBe(TimeSpan.FromMinutes(1));
        (await server.GetAsAsync(other.Token, $"/api/members/{one.Id}/card")).Status.ShouldBe(403);
        (await server.PostAsAsync(one.Token, "/api/members/card/scan", new { code })).Status.ShouldBe(403);
        var picture = await server.GetAsAsync(one.Token, "/api/members/me/card?format=svg");
        (picture.Status, picture.MediaType).ShouldBe((200, "image/svg+xml"));
        picture.Text.ShouldStartWith("""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 33 33" """);
        (await server.GetAsAsync(one.Token, "/api/members/me/card?format=png")).Faults.ShouldBe(["INVALID_FORMAT format"]);

        // Of many tills at once one is told who it is, and again under its key.
        (await elsewhere.PostAsync("/api/members/card/scan", new { code })).Outcome.ShouldBe("422 PASS_INVALID");
        var scans = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.PostUnderAsync($"till-{i}", "/api/members/card/scan", new { code })));
        var first = scans.Where(scan => scan.Status == 200).ShouldHaveSingleItem();
        (first.TextOf("id"), first.TextOf("status")).ShouldBe((one.Id, "active"));
        scans.Count(scan => scan.Outcome == "409 PASS_USED").ShouldBe(7);
        var till = Array.IndexOf(scans, first);
        var again = await server.PostUnderAsync($"till-{till}", "/api/members/card/scan", new { code });
        (again.Status, again.Replayed, again.TextOf("id")).ShouldBe((200, true, one.Id));
        (await server.PostAsync("/api/members/card/scan", new { code })).Outcome.ShouldBe("409 PASS_USED");
        (await server.PostAsync("/api/members/card/scan", new { code = "L1" + new string('A', 36) })).Outcome.ShouldBe("422 PASS_INVALID");
        (await server.PostAsync("/api/members/card/scan", new { code = "x" })).Outcome.ShouldBe("422 PASS_INVALID");
        (await server.PostAsync("/api/members/card/scan", new { })).Faults.ShouldBe(["REQUIRED /code"]);
        (await server.PostAsync($"/api/members/{one.Id}/status", new { status = "banned", reason = "test" })).Status.ShouldBe(200);
        (await server.GetAsync($"/api/members/{one.Id}/card")).Outcome.ShouldBe("422 MEMBER_INACTIVE");
        (await server.GetAsync("/api/members/1/card")).Outcome.ShouldBe("404 MEMBER_NOT_FOUND");
        await site.VerifyAsync(Cancellation);
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task AreAnsweredForThemselves_When_ManyAreChangedByOneCall(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await LaurelServer.StartAsync(site, Cancellation);
        await using var elsewhere = await server.NewTenantAsync("elsewhere");
        await SetCoolingOffAsync(server, 7);
        var foreign = await elsewhere.NewMemberAsync("far", 0);
        var members = new[] { await server.NewMemberAsync("a", 0), await server.NewMemberAsync("b", 50), await server.NewMemberAsync("c", 0) };
        (await server.HoldAsync(members[1], 10, "h-1")).Status.ShouldBe(200);
        string[] ids = [.. members, foreign, "0"];

        var frozen = await server.PostUnderAsync("bulk-1", "/api/members/bulk/status", new { memberIds = ids, status = "frozen", reason = "recall" });
        Results(frozen).ShouldBe(["done", "done", "done", "MEMBER_NOT_FOUND", "MEMBER_NOT_FOUND"]);
        (frozen.NumberOf("done"), frozen.NumberOf("failed")).ShouldBe((3, 2));
        (await server.PostAsync($"/api/members/{members[0]}/status", new { status = "active", reason = "r" })).Status.ShouldBe(200);
        var again = await server.PostUnderAsync("bulk-1", "/api/members/bulk/status", new { memberIds = ids, status = "frozen", reason = "recall" });
        Results(again).ShouldBe(Results(frozen));
        again.Json.GetProperty("results")[0].GetProperty("replayed").GetBoolean().ShouldBeTrue();
        (await server.MemberAsync(members[0])).TextOf("status").ShouldBe("active");
        (await server.MemberAsync(members[2])).TextOf("status").ShouldBe("frozen");
        (await elsewhere.MemberAsync(foreign)).TextOf("status").ShouldBe("active");
        Results(await server.PostUnderAsync("bulk-1", "/api/members/bulk/status", new { memberIds = ids, status = "banned", reason = "other" }))[..3]
            .ShouldBe(["IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_KEY_REUSED"]);

        Results(await server.PostAsync("/api/members/bulk/attributes", new { memberIds = members, attributes = new { shoe = 44 } })).ShouldBe(["done", "done", "done"]);
        (await server.MemberAsync(members[1])).Json.GetProperty("profile").GetProperty("attributes").GetProperty("shoe").GetInt32().ShouldBe(44);
        var wrong = await server.PostAsync("/api/members/bulk/attributes", new { memberIds = members, attributes = new { shoe = 4 }, clear = new[] { "phone" } });
        wrong.Faults.ShouldBe(["OUT_OF_RANGE /attributes/shoe", "INVALID_FORMAT /clear"], ignoreOrder: true);
        (await server.PostAsync("/api/members/bulk/attributes", new { memberIds = members })).Faults.ShouldBe(["REQUIRED /attributes"]);

        var leaving = await server.PostAsync("/api/members/bulk/delete", new { memberIds = members, reason = "duplicates" });
        Results(leaving).ShouldBe(["done", "CANCELLATION_BLOCKED", "done"]);
        (await server.GetAsync($"/api/members/{members[0]}/status")).Json.GetProperty("cancelDueAt").ValueKind.ShouldBe(JsonValueKind.String);
        var many = Enumerable.Range(1, 101).Select(i => $"{i}");
        (await server.PostAsync("/api/members/bulk/delete", new { memberIds = many, reason = "r" })).Faults.ShouldBe(["TOO_MANY /memberIds"]);
        (await server.PostAsync("/api/members/bulk/delete", new { memberIds = new[] { "1", "1" }, reason = "r" })).Faults.ShouldBe(["NOT_UNIQUE /memberIds"]);
        (await server.PostAsync("/api/members/bulk/status", new { memberIds = Array.Empty<string>() })).Faults
            .ShouldBe(["REQUIRED /memberIds", "REQUIRED /status", "REQUIRED /reason"], ignoreOrder: true);
        await site.VerifyAsync(Cancellation);
    }

    private static string[] Results(Answer answer) =>
        [.. answer.Json.GetProperty("results").EnumerateArray().Select(one => one.GetProperty("done").GetBoolean() ? "done" : one.GetProperty("code").GetString()!)];

    private static async Task SetCoolingOffAsync(LaurelServer server, int days = 0)
    {
        var programme = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>((await server.GetAsync("/api/programme")).Text)!;
        programme["cancellation"] = JsonDocument.Parse($$"""{"coolingOffDays":{{days}}}""").RootElement;
        programme["profile"] = JsonDocument.Parse("""
            {"attributes":[{"code":"shoe","nameEnglish":"Shoe size","nameChinese":"鞋码","type":"number","min":20,"max":60}]}
            """).RootElement;
        var body = JsonSerializer.SerializeToUtf8Bytes(programme);
        (await server.SendAsync(LaurelServer.Request(HttpMethod.Put, "/api/programme", body, LaurelServer.Json))).Status.ShouldBe(200);
    }

    private static Task<Answer> PutAvatarAsync(LaurelServer server, string token, string path, byte[] picture, string mediaType = "image/webp")
    {
        var request = LaurelServer.Request(HttpMethod.Put, path, picture, mediaType);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return server.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> RawAsync(LaurelServer server, string path)
    {
        using var client = new HttpClient { BaseAddress = server.Process.Address };
        return await client.GetAsync(path, Cancellation);
    }

    private static Task IsGoneAsync(LaurelServer server, string path) =>
        Eventually.HoldsAsync(async () => (await server.GetAsync(path)).Status == 404, "The picture is still there.");

    private static byte[] Chunk(string type, params byte[] data)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, data.Length);
        return [.. Encoding.ASCII.GetBytes(type), .. size, .. data, .. new byte[data.Length & 1]];
    }

    private static byte[] Riff(params byte[][] chunks)
    {
        var (all, size) = (chunks.SelectMany(chunk => chunk).ToArray(), new byte[4]);
        BinaryPrimitives.WriteInt32LittleEndian(size, all.Length + 4);
        return [.. "RIFF"u8, .. size, .. "WEBP"u8, .. all];
    }
}
