using System.Text.Json;
using Laurel.ServerTests.Hosting;
using Shouldly;

namespace Laurel.ServerTests.Tenants;

/// <summary>Tenants as the platform sees them.</summary>
internal static class TenantCalls
{
    /// <summary>Adds a tenant.</summary>
    /// <returns>The server as its first administrator sees it.</returns>
    public static async Task<LaurelServer> NewTenantAsync(this LaurelServer server, string code, params string[] hosts) =>
        server.As(await server.NewTenantKeyAsync(code, hosts));

    /// <summary>Adds a tenant.</summary>
    /// <returns>The key of its first administrator.</returns>
    public static async Task<string> NewTenantKeyAsync(this LaurelServer server, string code, params string[] hosts)
    {
        var answer = await server.PostAsync("/api/tenants", new { code, name = "The shop " + code, hosts });
        answer.Status.ShouldBe(201, answer.Text);
        return answer.TextOf("apiKey")!;
    }

    public static async Task SuspendAsync(this LaurelServer server, string code)
    {
        var answer = await server.PostAsync($"/api/tenants/{code}/suspend", new { reason = "It did not pay" });
        answer.Outcome.ShouldBe("200");
        answer.TextOf("status").ShouldBe("suspended");
    }

    public static async Task ResumeAsync(this LaurelServer server, string code)
    {
        var answer = await server.PostAsync($"/api/tenants/{code}/resume", new { });
        answer.Outcome.ShouldBe("200");
        answer.TextOf("status").ShouldBe("active");
    }

    public static Task<Answer> PutAsync(this LaurelServer server, string path, object body) =>
        server.SendAsync(HttpMethod.Put, path, JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web), LaurelServer.Json);

    /// <summary>Calls with a host name, a header, or both; null leaves it out.</summary>
    public static Task<Answer> GetAsync(this LaurelServer server, string path, string? host, string? tenant)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        if (tenant is not null)
        {
            request.Headers.Add("Laurel-Tenant", tenant);
        }

        return server.SendAsync(request);
    }
}
