using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Laurel.Server.GraphQL;
using Shouldly;
using Xunit;

namespace Laurel.ServerTests.GraphQL;

/// <summary>The page to try operations: of this node alone, and only where it is asked for.</summary>
public sealed partial class GraphiQLTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task IsNotThere_When_NobodyAskedForIt()
    {
        await using var host = await GraphQLHost.StartAsync(new GraphQLSettings());

        using var page = await host.Client.GetAsync(new Uri("/graphiql", UriKind.Relative), Cancellation);
        using var file = await host.Client.GetAsync(new Uri("/graphiql/graphiql.min.js", UriKind.Relative), Cancellation);

        ((int)page.StatusCode, (int)file.StatusCode).ShouldBe((404, 404));
    }

    [Theory]
    [InlineData("en", "<title>Laurel GraphQL</title>")]
    [InlineData("zh-CN", "<title>Laurel GraphQL 调试台</title>")]
    public async Task HasAllItNeedsFromHere_When_ItIsOpened(string language, string title)
    {
        await using var host = await GraphQLHost.StartAsync(new GraphQLSettings { GraphiQL = true });
        host.Client.DefaultRequestHeaders.AcceptLanguage.Add(new StringWithQualityHeaderValue(language));

        using var answer = await host.Client.GetAsync(new Uri("/graphiql", UriKind.Relative), Cancellation);
        var page = await answer.Content.ReadAsStringAsync(Cancellation);

        page.ShouldContain(title);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'; script-src 'self';");
        var files = FilePattern().Matches(page).Select(match => match.Groups["file"].Value).ToList();
        files.Count.ShouldBe(6);
        foreach (var file in files)
        {
            file.ShouldStartWith("/graphiql/");
            using var got = await host.Client.GetAsync(new Uri(file, UriKind.Relative), Cancellation);
            ((int)got.StatusCode).ShouldBe(200, file);
            got.Content.Headers.ContentType!.MediaType.ShouldBe(file.EndsWith(".js", StringComparison.Ordinal) ? "text/javascript" : "text/css");
        }

        InlineScriptPattern().IsMatch(page).ShouldBeFalse();
    }

    [Fact]
    public async Task IsTheSame_When_AReaderUnpacksAndWhenItDoesNot()
    {
        await using var host = await GraphQLHost.StartAsync(new GraphQLSettings { GraphiQL = true });
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/graphiql/react.production.min.js");
        asked.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));

        using var packed = await host.Client.SendAsync(asked, Cancellation);
        var plain = await host.Client.GetStringAsync(new Uri("/graphiql/react.production.min.js", UriKind.Relative), Cancellation);

        packed.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        await using var unpacked = new GZipStream(await packed.Content.ReadAsStreamAsync(Cancellation), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        (await reader.ReadToEndAsync(Cancellation)).ShouldBe(plain);
        plain.ShouldContain("18.3.1");
        var licences = await host.Client.GetStringAsync(new Uri("/graphiql/LICENSES.txt", UriKind.Relative), Cancellation);
        licences.ShouldContain("MIT License");
    }

    [GeneratedRegex("(?:src|href)=\"(?<file>[^\"]+)\"", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex FilePattern();

    [GeneratedRegex("<script(?![^>]*src=)|style=\"|onload=|javascript:", RegexOptions.None, 1_000)]
    private static partial Regex InlineScriptPattern();
}
