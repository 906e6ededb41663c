"""The hooks' addresses."""

from django.urls import path

from tuike.doors.hooks import views

app_name = "hooks"
urlpatterns = [path("hooks/wechatpay/<str:kind>", views.wechatpay, name="wechatpay")]
