using Laurel.Engine.Lanes;
using Laurel.Engine.Sql;
using Laurel.Identity.SignIn;
using Laurel.Platform.Access;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.Outside;
using Laurel.Platform.Vault;
using Laurel.Platform.Writes;
using Microsoft.AspNetCore.Http;

namespace Laurel.Identity.Apps;

/// <summary>What each call of <c>/api/sign-in/apps</c> does.</summary>
internal sealed class SignInAppDoors(LaneSet lanes, Database database, SecretVault secrets, AccessChanges changes, PublicUrl rule)
{
    public async Task ListAsync(HttpContext context)
    {
        var apps = await SignInAppQueries.AllAsync(database, context.Actor().Tenant, context.RequestAborted);
        var list = new SignInAppList([.. apps.Select(SignInAppReply.Of)]);
        await WriteResponse.WriteAsync(context, StatusCodes.Status200OK, list, SignInAppJson.Default.SignInAppList);
    }

    public async Task WriteAsync(HttpContext context, string code)
    {
        if (await RefuseAsync(context, code) || await SignInDoors.ReadAsync(context, SignInAppBody.Reader(code, rule)) is not { } body)
        {
            return;
        }

        if (body.Settings.KeysAddress is { } address && await rule.FaultOfHostAsync(new Uri(address), context.RequestAborted) is { } leads)
        {
            var error = new FieldError(ErrorCode.SignInAddressRefused, FieldOrigin.Body, "/keysAddress", ("expected", leads));
            await ProblemResponse.WriteAsync(context, [error], context.RequestAborted);
            return;
        }

        var outcome = await lanes.SubmitAsync(new WriteSignInApp(context.Actor().Tenant, code, body, secrets, changes), context.RequestAborted);
        await WriteResponse.WriteAsync(context, outcome, StatusCodes.Status200OK, SignInAppJson.Default.SignInAppReply);
    }

    public async Task RemoveAsync(HttpContext context, string code)
    {
        if (await RefuseAsync(context, code))
        {
            return;
        }

        var outcome = await lanes.SubmitAsync(new RemoveSignInApp(context.Actor().Tenant, code, changes), context.RequestAborted);
        if (outcome is not Outcome.Applied)
        {
            await SignInAnswers.RefuseAsync(context, outcome);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<bool> RefuseAsync(HttpContext context, string code)
    {
        if (SignInAppBody.FaultOf(code) is not { } fault)
        {
            return false;
        }

        await ProblemResponse.WriteAsync(context, [fault], context.RequestAborted);
        return true;
    }
}
